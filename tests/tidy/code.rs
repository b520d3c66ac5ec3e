//! Source text as the tidy tests look at it: comments, literals and test code blanked out, so that
//! what is left is code that runs, at its own lines.

/// Blanks comments, the insides of texts and characters, and everything under `#[cfg(test)]`.
pub fn running_code(text: &str) -> String {
    without_tests(&without_literals(text))
}

/// Blanks comments, and what stands between quotes. Line ends stay.
fn without_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end > at {
            code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            code.push(chars[at]);
            at += 1;
        }
    }
    code
}

/// Where the comment or literal that begins at `at` ends; `at` itself when none begins there.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = |offset: usize| chars.get(at + offset).copied().unwrap_or('\0');
    let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    let until = |from: usize, end: &str| {
        let end: Vec<char> = end.chars().collect();
        (from..chars.len()).find(|at| chars[*at..].starts_with(&end)).map_or(chars.len(), |at| at + end.len())
    };
    match (chars[at], next(1)) {
        ('/', '/') => (at..chars.len()).find(|at| chars[*at] == '\n').unwrap_or(chars.len()),
        ('/', '*') => {
            let (mut depth, mut at) = (0, at);
            while at < chars.len() {
                match (chars[at], chars.get(at + 1)) {
                    ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
                    ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
                    _ => at += 1,
                }
                if depth == 0 {
                    break;
                }
            }
            at
        }
        ('r', '"' | '#') if !after_word || chars[at - 1] == 'b' => {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if next(1 + hashes) != '"' {
                return at; // a raw identifier, `r#type`
            }
            until(at + 2 + hashes, &format!("\"{}", "#".repeat(hashes)))
        }
        ('"', _) => {
            let mut at = at + 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            (at + 1).min(chars.len())
        }
        // A character, and not a lifetime.
        ('\'', '\\') => until(at + 3, "'"),
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

/// Blanks each item that `#[cfg(test)]` stands before.
fn without_tests(code: &str) -> String {
    let mut left = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        left.push_str(&rest[..at]);
        let item = item_end(&rest[at..]);
        left.extend(rest[at..at + item].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[at + item..];
    }
    left + rest
}

/// Where the first item of a text ends: at its semicolon, or where its braces close.
fn item_end(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Names of the modules that are declared in files of their own for tests alone.
pub fn test_modules(text: &str) -> Vec<String> {
    let code = without_literals(text);
    let declared = code.split("#[cfg(test)]").skip(1).map(|after| after[..item_end(after)].trim().to_owned());
    let name = |item: String| Some(item.strip_suffix(';')?.rsplit_once("mod ")?.1.trim().to_owned());
    declared.filter_map(name).collect()
}

/// The first names of all paths that begin at the crate's root: `crate::a::b` and `crate::{a, b::c}`.
/// `depth` is how many modules deep the file is, so that `super::super::` can be followed up to the root.
pub fn roots(code: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let mut found = Vec::new();
    for start in ["crate::", up.as_str()] {
        let mut from = 0;
        while let Some(at) = code[from..].find(start).map(|at| at + from) {
            from = at + start.len();
            let inside = code[..at].ends_with(|c: char| c.is_alphanumeric() || "_$:".contains(c));
            if !inside {
                found.extend(first_names(code[from..].trim_start()));
            }
        }
    }
    found
}

/// The first name of a path, or of each path of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name(group[start..at].trim()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The lines, counted from 1, in which one of some texts stands as code of its own: not as the end of a
/// longer name.
pub fn lines_with(code: &str, texts: &[&str]) -> Vec<(usize, String)> {
    let stands = |line: &str, text: &str| {
        line.match_indices(text).any(|(at, _)| {
            let whole = !text.starts_with(|c: char| c.is_alphanumeric());
            whole || !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    let lines = code.lines().enumerate();
    let hits = lines.filter(|(_, line)| texts.iter().any(|text| stands(line, text)));
    hits.map(|(at, line)| (at + 1, line.trim().to_owned())).collect()
}

/// The words of a text, those of `snake_case` and `CamelCase` names apart, in lower case.
pub fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn only_code_is_left() {
    let text = "let a = \"panic!(\\\" // no\"; // todo!()\n/* panic!( /* nested */ */ let c = '\"'; let l: &'a str = r#\"x\"y\"#;\nb()";
    let code = running_code(text);
    assert_eq!(
        code.split_whitespace().collect::<Vec<_>>().join(" "),
        "let a = ; let c = ; let l: &'a str = ; b()"
    );
    assert_eq!(code.lines().count(), 3, "lines stay where they are");
}

#[test]
fn test_code_is_blanked() {
    let text = "fn a() { x }\n#[cfg(test)]\nmod tests {\n fn b() { y.unwrap() }\n}\n#[cfg(test)]\nuse z::q;\nfn c() {}";
    let code = running_code(text);
    assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), "fn a() { x } fn c() {}");
    assert_eq!(lines_with(&code, &["fn c"]), [(8, "fn c() {}".to_owned())]);
    assert_eq!(
        test_modules("#[cfg(test)]\npub(crate) mod specimen;\nmod real;\n#[cfg(test)]\nmod tests { }"),
        ["specimen"]
    );
}

#[test]
fn imports_are_found() {
    let code = "use crate::keys::{Cell, Unit};\nuse crate::{config::{self, Rule}, error,\n solver};\nlet x = crate::plan::check(mycrate::no(), super::super::ladder::build());";
    assert_eq!(roots(code, 2), ["keys", "config", "error", "solver", "plan", "ladder"]);
    assert_eq!(roots("use super::ladder::x;", 1), ["ladder"]);
    assert!(roots("use super::rows;", 2).is_empty());
}

#[test]
fn words_and_texts_are_told_apart() {
    assert_eq!(words("fn last_bid(SpendCap: f64)"), ["fn", "last", "bid", "spend", "cap", "f"]);
    assert_eq!(
        lines_with("a.unwrap()\nb.unwrap_or(1)\nmy_panic!(x)\n panic!(y)", &[".unwrap()", "panic!("]).len(),
        2
    );
}
