//! The bytes of a file: its size, its hash, its text encoding.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, Encoding, GB18030, UTF_8};
use sha2::{Digest, Sha256};

const CHUNK: usize = 1 << 18;

/// What a first walk through a file tells.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// How text stands in it.
    pub encoding: TextEncoding,
}

/// A text encoding, as detected.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextEncoding {
    encoding: &'static Encoding,
    /// Bytes of the mark at the file's beginning.
    mark: usize,
    /// Sequences that are no text in this encoding.
    pub damaged: usize,
}

impl TextEncoding {
    /// Its name for people.
    pub fn name(&self) -> String {
        let name = self.encoding.name().to_ascii_lowercase();
        if self.mark > 0 { format!("{name} (bom)") } else { name }
    }
}

/// Reads a file once, for its hash and its encoding.
pub(super) fn survey(path: &Path) -> io::Result<Survey> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut utf8 = Utf8Count::default();
    let (mut mark, mut bytes) = (None, 0_u64);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        if bytes == 0 {
            mark = Encoding::for_bom(&chunk[..read]);
        }
        bytes += read as u64;
        hash.update(&chunk[..read]);
        utf8.push(&chunk[..read]);
    }
    utf8.broken += usize::from(!utf8.rest.is_empty());
    let (encoding, damaged) = match mark {
        Some((encoding, _)) => (encoding, if encoding == UTF_8 { utf8.broken } else { 0 }),
        // A few broken bytes do not make Chinese UTF-8 into GB18030, in which such runs are rare.
        None if utf8.broken == 0 || utf8.whole > 4 * utf8.broken => (UTF_8, utf8.broken),
        None => (GB18030, 0),
    };
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mark = mark.map_or(0, |(_, length)| length);
    Ok(Survey { bytes, sha256, encoding: TextEncoding { encoding, mark, damaged } })
}

/// Counts multi-byte UTF-8 sequences that are whole, and those that are broken.
#[derive(Default)]
struct Utf8Count {
    whole: usize,
    broken: usize,
    rest: Vec<u8>,
}

impl Utf8Count {
    fn push(&mut self, chunk: &[u8]) {
        if self.rest.is_empty() && chunk.is_ascii() {
            return;
        }
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(chunk);
        let mut at = 0;
        while at < bytes.len() {
            let (valid, fault) = match std::str::from_utf8(&bytes[at..]) {
                Ok(_) => (bytes.len() - at, None),
                Err(error) => (error.valid_up_to(), Some(error.error_len())),
            };
            // Every sequence has one first byte, 0b11xxxxxx.
            self.whole += bytes[at..at + valid].iter().filter(|byte| **byte >= 0xC0).count();
            at += valid;
            match fault {
                None => break,
                Some(Some(length)) => {
                    self.broken += 1;
                    at += length;
                }
                Some(None) => {
                    // Cut by the chunk's end; whole or broken, the next chunk will tell.
                    self.rest = bytes[at..].to_vec();
                    break;
                }
            }
        }
    }
}

/// The text of a file as UTF-8, decoded as it is read.
pub(super) fn open(path: &Path, encoding: TextEncoding) -> io::Result<Box<dyn Read + Send + Sync>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(encoding.mark as u64))?;
    if encoding.encoding == UTF_8 && encoding.damaged == 0 {
        return Ok(Box::new(file));
    }
    let decoder = encoding.encoding.new_decoder_without_bom_handling();
    Ok(Box::new(Decoded {
        bytes: BufReader::with_capacity(CHUNK, file),
        decoder,
        text: Vec::new(),
        given: 0,
        done: false,
    }))
}

/// A reader that turns any encoding into UTF-8, a chunk at a time.
struct Decoded<R> {
    bytes: BufReader<R>,
    decoder: Decoder,
    text: Vec<u8>,
    given: usize,
    done: bool,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use std::io::BufRead;
        while self.given == self.text.len() && !self.done {
            let bytes = self.bytes.fill_buf()?;
            let last = bytes.is_empty();
            self.text.resize(self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(4 * CHUNK), 0);
            let (_, read, written, _) = self.decoder.decode_to_utf8(bytes, &mut self.text, last);
            self.text.truncate(written);
            self.bytes.consume(read);
            self.given = 0;
            self.done = last;
        }
        let count = out.len().min(self.text.len() - self.given);
        out[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(content: &[u8]) -> (String, String) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let survey = survey(file.path()).unwrap();
        let mut text = String::new();
        open(file.path(), survey.encoding).unwrap().read_to_string(&mut text).unwrap();
        (survey.encoding.name(), text)
    }

    #[test]
    fn encodings_are_told_apart() {
        // Long enough that characters straddle the borders of chunks.
        let text = "日期,花费\n2026-01-02,¥1,234\n".repeat(20_000);
        let (gbk, _, _) = GB18030.encode(&text);
        assert_eq!(decoded(text.as_bytes()), ("utf-8".into(), text.clone()));
        assert_eq!(decoded(&gbk), ("gb18030".into(), text.clone()));
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(decoded(&marked), ("utf-8 (bom)".into(), text.clone()));
        let wide: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&wide), ("utf-16le (bom)".into(), text));
    }

    #[test]
    fn one_broken_byte_does_not_change_the_encoding() {
        let mut bytes = "日期,花费\n".repeat(10).into_bytes();
        bytes[4] = 0xFF;
        let (name, text) = decoded(&bytes);
        assert_eq!(name, "utf-8");
        assert!(text.contains('\u{fffd}') && text.contains("花费"));
    }
}
