//! The page in Debian's chromium, used as a person's hands would. On a machine without one each test says that it
//! skipped. Nothing sleeps: every wait is for a condition, up to a deadline.

use serde_json::{Value, json};

use super::pressed;
use super::server::Server;
use super::webdriver::Browser;
use crate::shop::Shop;

/// Keys as WebDriver writes them.
pub(super) const LEFT: &str = "\u{e012}";
const CONTROL: &str = "\u{e009}";
pub(super) const END: &str = "\u{e010}";
pub(super) const BACK: &str = "\u{e003}";
pub(super) const ENTER: &str = "\u{e007}";

impl Browser {
    /// Opens a page and waits for its plan.
    #[track_caller]
    pub(super) fn open(&self, server: &Server) {
        self.go(&server.url);
        self.planned(&[]);
    }

    /// Waits for the executable plan of these settings.
    #[track_caller]
    pub(super) fn planned(&self, set: &[&str]) {
        let set = json!(json!(set).to_string());
        self.until(&format!(
            "document.getElementById('results').dataset.set === {set} && document.getElementById('results').dataset.stale === 'false'"
        ));
    }

    /// The beginnings of the elements in sight that a selector finds and of which a condition on `one` holds.
    #[track_caller]
    pub(super) fn shown(&self, selector: &str, condition: &str) -> Value {
        self.value(&format!(
            "[...document.body.querySelectorAll('{selector}')].filter(one => one.checkVisibility() && {condition}).map(one => one.outerHTML.slice(0, 80))"
        ))
    }

    /// A tile's number, whole.
    #[track_caller]
    pub(super) fn tile(&self, metric: &str) -> f64 {
        let value = self.value(&format!("document.querySelector('[data-metric={metric}] b').dataset.value"));
        value.as_str().unwrap().parse().unwrap()
    }
}

pub(super) const BUDGET: &str = "[data-key='rule.\"budget\".max'] input[type=range]";
/// The slider of the return that every channel must have.
pub(super) const RETURN: &str = "[data-key='rule.\"roi\".min'] input[type=range]";

#[test]
fn a_slider_moves_the_plan_and_the_plan_is_that_of_the_command_line() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    assert_eq!(page.value("location.href"), format!("http://127.0.0.1:{}/", server.port), "no token");
    let before = page.tile("revenue");
    page.press(BUDGET, &LEFT.repeat(5));
    let set = "rule.\"budget\".max=35000";
    page.planned(&[set]);
    shop.plan_on_model("plan.toml", "out", &["--set", set]).ended(0);
    let totals = &shop.summary("out")["totals"];
    for metric in ["spend", "revenue", "roi", "profit", "orders", "clicks"] {
        assert_eq!(page.tile(metric), totals[metric].as_f64().unwrap(), "{metric}");
    }
    assert!(page.tile("revenue") < before);
    assert_eq!(page.text("#rules tbody tr:first-child th"), "budget");
    page.until("document.querySelector('#frontier canvas')");

    // What leaves the page is what is on it.
    page.click(".menu summary");
    page.click("[data-file='plan.csv']");
    assert_eq!(page.downloaded("plan.csv"), shop.text("out/plan.csv"));
    page.click(".menu summary");
    page.click("[data-file='plan.toml']");
    let text = page.downloaded("plan.toml");
    assert_eq!(text, shop.text("plan.toml").replace("max = 40000", "max = 35000"));

    // Back, and forth, by keyboard and by button.
    page.press("body", &format!("{CONTROL}z"));
    page.planned(&["rule.\"budget\".max=36000"]);
    page.click("#reset");
    page.planned(&[]);
    assert_eq!(page.tile("revenue"), before);
    page.click("#undo");
    page.planned(&["rule.\"budget\".max=36000"]);
    page.click("#redo");
    page.planned(&[]);

    // A keyword close up.
    page.click("#heat tbody button");
    page.until("document.getElementById('unit').open && document.querySelectorAll('#unit-hours tbody tr').length === 24");
    let outside = page.value("performance.getEntriesByType('resource').map(one => one.name).filter(name => !name.startsWith(location.origin) && !name.startsWith('data:') && !name.startsWith('blob:'))");
    assert_eq!(outside, json!([]), "nothing is asked of anybody else");
    assert_eq!(page.complaints(), [""; 0], "neither errors nor breaches of the content policy");
}

#[test]
fn settings_without_a_plan_leave_the_last_one_and_offer_a_way_back() {
    let shop = pressed();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    let before = page.tile("revenue");
    page.press(RETURN, END);
    page.until("document.getElementById('results').dataset.stale === 'true' && document.querySelector('#conflict button')");
    assert_eq!(page.tile("revenue"), before, "the last good plan stays");
    assert!(page.text("#conflict").contains("display budget"));
    page.click("#conflict button");
    page.until("document.getElementById('results').dataset.stale === 'false' && document.getElementById('conflict').hidden");
    page.until("document.getElementById('results').dataset.set.includes('roi')");
    // The way back is the highest return that the other rules leave: above the file's, and met.
    let set = page.value("JSON.parse(document.getElementById('results').dataset.set)[0]");
    let bound: f64 = set.as_str().unwrap().strip_prefix("rule.\"roi\".min=").unwrap().parse().unwrap();
    assert!(bound > 2.0, "{bound}");
    assert!(page.tile("revenue") <= before);
    assert!(page.text("#verdict").contains("Every rule is met"));

    // What is no number of its kind is explained at its control.
    page.press("[data-key='plan.margin'] input.number", &format!("{END}{}7{ENTER}", BACK.repeat(8)));
    page.until("document.querySelector(\"[data-key='plan.margin'] .problem\").textContent.length > 10");
    assert_eq!(
        page.value(
            "document.querySelector(\"[data-key='plan.margin'] input.number\").getAttribute('aria-invalid')"
        ),
        "true"
    );
    page.click("[data-key='plan.margin'] .back");
    page.until("document.querySelector(\"[data-key='plan.margin'] .problem\").hidden");
}

#[test]
fn a_rule_is_added_switched_off_and_taken_away_by_keyboard() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(390, 844) else { return };
    page.open(&server);
    let [before, earned] = [page.tile("spend"), page.tile("revenue")];
    page.press("#add-rule", ENTER);
    page.until("document.getElementById('add').open");
    page.value("(document.getElementById('add-metric').value = 'spend', document.getElementById('add-kind').value = 'max')");
    page.press("#add-channels input[value=search]", " ");
    page.press("#add-bound", "4000");
    assert_eq!(page.value("document.getElementById('add-title').placeholder"), "search spend");
    page.press("#add-title", "roi");
    page.press("#add-title", ENTER);
    // A name that there is already: said in the form, which stays.
    page.until("!document.getElementById('add-problem').hidden");
    assert!(page.text("#add-problem").contains("roi"));
    page.press("#add-title", &format!("{}{ENTER}", BACK.repeat(3)));
    page.until("!document.getElementById('add').open");
    let added = "rule.+={ name = \"search spend\", metric = \"spend\", where = { channel = [\"search\"] }, max = 4000 }";
    page.planned(&[added]);
    // What search may not spend goes elsewhere, and earns less.
    assert!(page.tile("revenue") < earned);
    assert_eq!(page.value("document.activeElement.closest('[data-rule]').dataset.rule"), "search spend");
    let row = "[data-rule='search spend']";
    page.press(&format!("{row} input[type=range]"), &LEFT.repeat(2));
    let moved = "rule.\"search spend\".max=3800";
    page.planned(&[added, moved]);

    // The plan file that leaves the page has it, and plans the same.
    page.click(".menu summary");
    page.click("[data-file='plan.toml']");
    let text = page.downloaded("plan.toml");
    assert!(text.contains("[[rule]]\nname = \"search spend\"\nmetric = \"spend\"\nwhere = { channel = [\"search\"] }\nmax = 3800\n"), "{text}");
    shop.write("theirs.toml", &text);
    shop.plan_on_model("theirs.toml", "out", &[]).ended(0);
    assert_eq!(page.tile("revenue"), shop.summary("out")["totals"]["revenue"].as_f64().unwrap());

    // Off, on, away, and back by undo.
    page.press(&format!("{row} [role=switch]"), " ");
    page.planned(&[added, "rule.\"search spend\".off=true"]);
    assert_eq!(page.tile("spend"), before);
    assert_eq!(
        page.value(&format!("document.querySelector(\"{row} [role=switch]\").getAttribute('aria-checked')")),
        "false"
    );
    page.press(&format!("{row} [role=switch]"), " ");
    page.planned(&[added]);
    page.press(&format!("{row} .tools > :last-child"), ENTER);
    page.planned(&[]);
    page.press("[data-rule='roi'] .tools > :last-child", ENTER);
    page.planned(&["rule.-=\"roi\""]);
    page.click("#undo");
    page.planned(&[]);
    page.click("#undo");
    page.planned(&[added]);
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn two_tabs_are_independent() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    let before = page.tile("revenue");
    let first = page.tab();
    let second = page.new_tab();
    page.open(&server);
    page.press(BUDGET, &LEFT.repeat(3));
    page.planned(&["rule.\"budget\".max=37000"]);
    let moved = page.tile("revenue");
    page.switch_to(&first);
    page.planned(&[]);
    assert_eq!(page.tile("revenue"), before);
    page.press(BUDGET, &LEFT.repeat(6));
    page.planned(&["rule.\"budget\".max=34000"]);
    page.switch_to(&second);
    assert_eq!(page.tile("revenue"), moved);
    page.planned(&["rule.\"budget\".max=37000"]);
}

#[test]
fn a_restarted_server_is_noticed_and_found_again() {
    let shop = Shop::new();
    let server = Server::start(&shop, &["--token-file", "token"]);
    let port = server.port.to_string();
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    page.press(BUDGET, &LEFT.repeat(2));
    page.planned(&["rule.\"budget\".max=38000"]);
    drop(server);
    page.press(BUDGET, LEFT);
    page.until("!document.getElementById('connection').hidden");
    assert!(page.text("#connection").contains("lost"));
    let again = Server::start(&shop, &["--token-file", "token", "--port", &port]);
    page.until("document.getElementById('connection').hidden");
    page.planned(&["rule.\"budget\".max=37000"]);
    assert!(page.text("#told").contains("restarted"));

    // With another token the page waits for the printed address to be opened.
    drop(again);
    let other = Server::start(&shop, &["--port", &port]);
    page.press(BUDGET, LEFT);
    page.until("document.getElementById('connection').textContent.includes('another token')");
    let first = page.tab();
    page.new_tab();
    page.open(&other);
    page.switch_to(&first);
    page.planned(&["rule.\"budget\".max=36000"]);
    page.until("document.getElementById('connection').hidden");
}

#[test]
fn it_speaks_two_languages_fits_a_phone_and_names_every_control() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(390, 844) else { return };
    page.open(&server);
    assert_eq!(page.value("innerWidth"), 390);
    for (language, code) in [("en", "en"), ("zh", "zh-CN")] {
        page.value(&format!(
            "(document.getElementById('language').value = '{language}', document.getElementById('language').dispatchEvent(new Event('change')))"
        ));
        page.until(&format!("document.documentElement.lang === '{code}'"));
        page.planned(&[]);
        // Tables and charts that scroll in a frame of their own may be wide, the page may not.
        page.until("document.documentElement.scrollWidth <= 390");
        let wide = page
            .shown("*", "one.getBoundingClientRect().right > 391 && !one.closest('.wide, .unseen, .told')");
        assert_eq!(wide, json!([]), "wider than a phone in {language}");
        let nameless = page.shown(
            "button, input, select, summary, [role=img], [role=region]",
            "!(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim() || one.labels?.[0]?.textContent.trim())",
        );
        assert_eq!(nameless, json!([]), "without a name in {language}");
    }
    // The form that adds a rule, too.
    page.press("#add-rule", ENTER);
    page.until("document.getElementById('add').open && document.documentElement.scrollWidth <= 390");
    let wide = page.shown("#add *", "one.getBoundingClientRect().right > 391");
    assert_eq!(wide, json!([]));
    let nameless = page.shown(
        "#add button, #add input, #add select",
        "!(one.textContent.trim() || one.labels?.[0]?.textContent.trim())",
    );
    assert_eq!(nameless, json!([]));
    page.click("#add button[value=no]");
    assert!(page.text("#controls legend").contains("目标"));
    page.until("document.getElementById('verdict').textContent.includes('约束')");
}
