//! A browser driven over the WebDriver protocol (W3C) by Debian's chromedriver, one call after the other.

use std::fs;
use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{TimeoutConfiguration, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How long a condition may take to come true: the machine may be busy with other tests.
const DEADLINE: Duration = Duration::from_secs(60);
/// No window is narrower; what is asked for below this is a phone's screen.
const NARROWEST: u32 = 500;

/// Drivers that are started before none is taken to start.
const STARTS: usize = 5;

/// A chromium of its own, ended when dropped.
pub struct Browser {
    runtime: Runtime,
    /// Taken when it ends.
    client: Option<Client>,
    driver: Child,
    /// Held open: a driver that nobody listens to ends.
    _told: BufReader<ChildStdout>,
    /// Downloads, and what the browser logs.
    folder: TempDir,
}

/// A driver, what it says and its port; nothing on a machine without one.
fn drive() -> Option<(Child, BufReader<ChildStdout>, u16)> {
    // It looks for a port that is free and takes it afterwards: another test may have been faster.
    let named = (0..STARTS).find_map(|_| {
        let spawned =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = spawned else { return Some(None) };
        let mut told = BufReader::new(driver.stdout.take().unwrap());
        let port = told
            .by_ref()
            .lines()
            .find_map(|line| line.unwrap().strip_suffix('.')?.rsplit_once("on port ")?.1.parse().ok());
        let Some(port) = port else {
            driver.wait().unwrap();
            return None;
        };
        Some(Some((driver, told, port)))
    });
    named.expect("chromedriver names its port")
}

impl Browser {
    /// A window of this size; nothing on a machine without chromium and its driver.
    pub fn start(width: u32, height: u32) -> Option<Browser> {
        let Some((driver, told, port)) = drive() else {
            // Past the harness, which keeps what a passing test prints.
            let told = "skipped: there is no chromedriver on this machine (Debian: chromium-driver)";
            let _ = writeln!(std::io::stderr(), "{told}");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let mut options = json!({
            // As root, which containers are, chromium has no sandbox.
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en",
                format!("--window-size={width},{height}"),
                "--enable-logging",
                format!("--log-file={}", folder.path().join("browser.log").display()),
            ],
            "prefs": {
                "download.default_directory": folder.path(),
                "download.prompt_for_download": false,
                "intl.accept_languages": "en",
            },
        });
        if width < NARROWEST {
            let screen = json!({ "width": width, "height": height, "pixelRatio": 1, "touch": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": screen });
        }
        let capabilities = json!({ "goog:chromeOptions": options });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.as_object().unwrap().clone());
            let client = builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("a session");
            let timeouts = TimeoutConfiguration::new(Some(DEADLINE), Some(DEADLINE), None);
            client.update_timeouts(timeouts).await.expect("timeouts");
            client
        });
        Some(Browser { runtime, client: Some(client), driver, _told: told, folder })
    }

    /// Waits for what a command of the protocol answers.
    #[track_caller]
    fn done<T>(&self, command: impl Future<Output = Result<T, CmdError>>) -> T {
        self.runtime.block_on(command).unwrap_or_else(|error| panic!("{error}"))
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("a session until it is dropped")
    }

    #[track_caller]
    pub fn go(&self, url: &str) {
        self.done(self.client().goto(url));
    }

    /// What an expression of the page's script gives.
    #[track_caller]
    pub fn value(&self, expression: &str) -> Value {
        self.done(self.client().execute(&format!("return {expression}"), Vec::new()))
    }

    /// Waits in the page until a condition holds; fails at the deadline.
    #[track_caller]
    pub fn until(&self, condition: &str) {
        let most = (DEADLINE - Duration::from_secs(2)).as_millis();
        let script = format!(
            "const done = arguments[0]; const end = performance.now() + {most};
             const look = () => {{
               let holds = false;
               try {{ holds = {condition}; }} catch {{}}
               if (holds || performance.now() > end) done(Boolean(holds)); else setTimeout(look, 5);
             }};
             look();"
        );
        let held = self.done(self.client().execute_async(&script, Vec::new()));
        let seen = || self.value("document.body.innerText.slice(0, 1500)");
        assert_eq!(held, true, "never: {condition}\n{}", seen());
    }

    #[track_caller]
    fn find(&self, selector: &str) -> Element {
        self.done(self.client().find(Locator::Css(selector)))
    }

    #[track_caller]
    pub fn click(&self, selector: &str) {
        self.done(self.find(selector).click());
    }

    /// Types into an element, keys of the protocol among the text.
    #[track_caller]
    pub fn press(&self, selector: &str, keys: &str) {
        self.done(self.find(selector).send_keys(keys));
    }

    /// Writes a text into a field, in the place of what stood there, and leaves it with Enter.
    #[track_caller]
    pub fn fill(&self, selector: &str, text: &str) {
        const CONTROL_A: &str = "\u{e009}a\u{e000}";
        const BACK: &str = "\u{e003}";
        self.press(selector, &format!("{CONTROL_A}{BACK}{text}\u{e007}"));
    }

    #[track_caller]
    pub fn reload(&self) {
        self.done(self.client().refresh());
    }

    /// Text as it stands in the page, seen or not.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({}).textContent", json!(selector)));
        text.as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn tab(&self) -> WindowHandle {
        self.done(self.client().window())
    }

    /// Opens a tab and goes there.
    #[track_caller]
    pub fn new_tab(&self) -> WindowHandle {
        let tab = self.done(self.client().new_window(true)).handle;
        self.switch_to(&tab);
        tab
    }

    #[track_caller]
    pub fn switch_to(&self, tab: &WindowHandle) {
        self.done(self.client().switch_to_window(tab.clone()));
    }

    /// What pages complained of on their consoles, answers other than 200 aside: what stands in the browser's
    /// log before a word of ours arrives there.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        const HEARD: &str = "the log was heard";
        self.value(&format!("console.error('{HEARD}')"));
        let deadline = Instant::now() + DEADLINE;
        let log = loop {
            let log = fs::read_to_string(self.folder.path().join("browser.log")).unwrap_or_default();
            if log.contains(HEARD) {
                break log;
            }
            assert!(Instant::now() < deadline, "the browser logs nothing");
            std::thread::yield_now();
        };
        let told = log.lines().filter(|line| line.contains(":CONSOLE") && !line.contains(HEARD));
        told.filter(|line| !line.contains("Failed to load resource")).map(str::to_owned).collect()
    }

    /// Waits for a downloaded file.
    #[track_caller]
    pub fn downloaded(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        let deadline = Instant::now() + DEADLINE;
        let part = self.folder.path().join(format!("{name}.crdownload"));
        // Its place is taken before its content comes.
        while part.exists() || fs::metadata(&path).map_or(0, |file| file.len()) == 0 {
            assert!(Instant::now() < deadline, "{name} was not downloaded");
            std::thread::yield_now();
        }
        fs::read_to_string(path).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes its browser along.
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
