//! A browser driven over the WebDriver protocol (W3C): JSON over HTTP to Debian's chromedriver.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a condition may take to come true: the machine may be busy with other tests.
const DEADLINE: Duration = Duration::from_secs(60);
/// What names an element in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A chromium of its own, ended when dropped.
pub struct Browser {
    driver: Child,
    /// Held open: a driver that nobody listens to ends.
    _told: BufReader<ChildStdout>,
    port: u16,
    session: String,
    downloads: TempDir,
}

impl Browser {
    /// A window of this size; nothing on a machine without chromium and its driver.
    pub fn start(width: u32, height: u32) -> Option<Browser> {
        let spawned =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = spawned else {
            eprintln!("skipped: there is no chromedriver on this machine (Debian: chromium-driver)");
            return None;
        };
        let mut told = BufReader::new(driver.stdout.take().unwrap());
        let port = told
            .by_ref()
            .lines()
            .find_map(|line| line.unwrap().strip_suffix('.')?.rsplit_once("on port ")?.1.parse().ok())
            .expect("chromedriver names its port");
        let downloads = tempfile::tempdir().unwrap();
        let mut browser = Browser { driver, _told: told, port, session: String::new(), downloads };
        let options = json!({
            // As root, which containers are, chromium has no sandbox.
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en",
                format!("--window-size={width},{height}"),
            ],
            "prefs": {
                "download.default_directory": browser.downloads.path(),
                "download.prompt_for_download": false,
                "intl.accept_languages": "en",
            },
        });
        let wanted = json!({
            "capabilities": { "alwaysMatch": {
                "goog:chromeOptions": options,
                "goog:loggingPrefs": { "browser": "ALL" },
                "timeouts": { "script": DEADLINE.as_millis() as u64, "pageLoad": DEADLINE.as_millis() as u64 },
            } },
        });
        let begun = browser.send("POST", "/session", &wanted);
        browser.session = begun["sessionId"].as_str().unwrap().to_owned();
        Some(browser)
    }

    /// A command of the protocol; its answer's value.
    #[track_caller]
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head =
            format!("Host: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: {}", self.port, body.len());
        write!(stream, "{method} {path} HTTP/1.1\r\n{head}\r\n\r\n{body}").unwrap();
        // The driver keeps connections open, whatever it is asked: the answer ends where it says.
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
            head += &line;
        }
        let mut content = vec![0; length];
        reader.read_exact(&mut content).unwrap();
        let answer = String::from_utf8(content).unwrap();
        let content: Value =
            serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        assert!(head.starts_with("HTTP/1.1 200"), "{path} {body}: {}", content["value"]["message"]);
        content["value"].clone()
    }

    #[track_caller]
    fn of_session(&self, method: &str, path: &str, body: Value) -> Value {
        self.send(method, &format!("/session/{}{path}", self.session), &body)
    }

    #[track_caller]
    pub fn go(&self, url: &str) {
        self.of_session("POST", "/url", json!({ "url": url }));
    }

    /// What an expression of the page's script gives.
    #[track_caller]
    pub fn value(&self, expression: &str) -> Value {
        self.of_session(
            "POST",
            "/execute/sync",
            json!({ "script": format!("return {expression}"), "args": [] }),
        )
    }

    /// Waits in the page until a condition holds; fails at the deadline.
    #[track_caller]
    pub fn until(&self, condition: &str) {
        let script = format!(
            "const done = arguments[0]; const end = performance.now() + {}; const look = () => {{ let holds = false; try {{ holds = {condition}; }} catch {{}} if (holds || performance.now() > end) done(Boolean(holds)); else setTimeout(look, 5); }}; look();",
            DEADLINE.as_millis() - 2000
        );
        let held = self.of_session("POST", "/execute/async", json!({ "script": script, "args": [] }));
        assert_eq!(
            held,
            true,
            "never: {condition}\n{}",
            self.value("document.body.innerText.slice(0, 1500)")
        );
    }

    #[track_caller]
    fn find(&self, selector: &str) -> String {
        let found =
            self.of_session("POST", "/element", json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.of_session("POST", &format!("/element/{element}/click"), json!({}));
    }

    /// Types into an element, keys of the protocol among the text.
    #[track_caller]
    pub fn press(&self, selector: &str, keys: &str) {
        let element = self.find(selector);
        self.of_session("POST", &format!("/element/{element}/value"), json!({ "text": keys }));
    }

    /// Text as it stands in the page, seen or not.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({}).textContent", json!(selector)));
        text.as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn tab(&self) -> String {
        self.of_session("GET", "/window", json!({})).as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn new_tab(&self) -> String {
        let new = self.of_session("POST", "/window/new", json!({ "type": "tab" }));
        let handle = new["handle"].as_str().unwrap().to_owned();
        self.switch_to(&handle);
        handle
    }

    #[track_caller]
    pub fn switch_to(&self, tab: &str) {
        self.of_session("POST", "/window", json!({ "handle": tab }));
    }

    /// What the page complained of on its console, refused connections aside.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let log = self.of_session("POST", "/se/log", json!({ "type": "browser" }));
        let told = log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned());
        told.filter(|message| !message.contains("Failed to load resource")).collect()
    }

    /// Waits for a downloaded file.
    #[track_caller]
    pub fn downloaded(&self, name: &str) -> String {
        let path: PathBuf = self.downloads.path().join(name);
        let deadline = Instant::now() + DEADLINE;
        while !path.exists() {
            assert!(Instant::now() < deadline, "{name} was not downloaded");
            std::thread::yield_now();
        }
        std::fs::read_to_string(path).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes its browser along; one that was never begun has none.
        if !self.session.is_empty() && !std::thread::panicking() {
            self.of_session("DELETE", "", json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
