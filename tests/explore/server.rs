//! The program serving its page, and requests to it as bytes: the names of hosts and origins are the test's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::shop::Shop;

/// A running server; ended when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub port: u16,
    pub token: String,
}

/// An answer: status, headers as they came, body.
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Server {
    /// Serves a shop on its fitted landscapes.
    pub fn start(shop: &Shop, more: &[&str]) -> Server {
        shop.with_model();
        Server::start_with(shop, &[&["plan.toml", "--model", "model.json"], more].concat())
    }

    pub fn start_with(shop: &Shop, words: &[&str]) -> Server {
        let mut child = Command::new(crate::shop::PROGRAM)
            .current_dir(shop.folder())
            .args([&["explore", "-q"], words].concat())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // It prints the address when it listens.
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Open ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        let (address, token) = url.split_once("/?token=").unwrap();
        let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
        Server { child, port, token: token.to_owned(), url }
    }

    /// Sends a request with these headers beside `Host`, and reads the whole answer.
    pub fn send(&self, head: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // HTTP/1.0: the answer comes in one piece and ends with the connection.
        let mut text = format!("{head} HTTP/1.0\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            text += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        write!(stream, "{text}\r\n{body}").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let headers = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, headers: headers.to_lowercase(), body: bytes.split_off(end + 4) }
    }

    /// Asks the API as the page does.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        self.send(&format!("POST {path}"), &[("Authorization", bearer.as_str())], &body.to_string())
    }

    /// The plan file as a page reads it now.
    pub fn base(&self) -> Value {
        self.post("/api/shop", &json!({})).json()["base"].clone()
    }

    /// The lines of a try.
    pub fn tried(&self, tab: &str, set: &[&str], more: Value) -> Vec<Value> {
        let mut body = json!({ "tab": tab, "set": set });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let answer = self.post("/api/try", &body);
        assert_eq!(answer.status, 200);
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The executable plan of settings.
    pub fn plan(&self, set: &[&str]) -> Value {
        let lines = self.tried("plan", set, json!({}));
        line(&lines, "plan").clone()
    }

    /// Sends Ctrl-C and waits for the end.
    pub fn interrupt(mut self) -> i32 {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// The content of a line of a try.
#[track_caller]
pub fn line<'l>(lines: &'l [Value], kind: &str) -> &'l Value {
    let found = lines.iter().find(|line| line["kind"] == kind);
    &found.unwrap_or_else(|| panic!("no line `{kind}` among {:?}", kinds(lines)))["is"]
}

pub fn kinds(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["kind"].as_str().unwrap()).collect()
}
