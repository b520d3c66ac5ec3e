//! Fields and forms: what is typed is read as it is meant, or refused in words where it stands.

use serde_json::json;

use super::browser::{BACK, BUDGET, ENTER};
use super::server::Server;
use super::webdriver::Browser;
use crate::shop::Shop;

const ENTRY: &str = "[data-key='rule.\"budget\".max'] input.number";
const PROBLEM: &str = "[data-key='rule.\"budget\".max'] .problem";

#[test]
fn numbers_are_read_as_they_are_meant_or_refused_at_their_field() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    for (text, value) in [
        ("3万", "30000"),
        ("３５，０００", "35000"),
        ("¥32,500.5", "32500.5"),
        ("2.5e4", "25000"),
        ("36k", "36000"),
    ] {
        page.fill(ENTRY, text);
        page.planned(&[format!("rule.\"budget\".max={value}").as_str()]);
        page.until(&format!("document.querySelector({}).value === '{value}'", json!(ENTRY)));
    }
    let before = page.tile("spend");
    for (text, words) in [
        ("50%", "without %"),
        ("abc", "is no number"),
        ("1,5", "is no number"),
        ("-5", "0 or more"),
        ("1e400", "Too large"),
        ("", "Empty"),
    ] {
        page.fill(ENTRY, text);
        page.until(&format!("!document.querySelector({}).hidden", json!(PROBLEM)));
        let said = page.text(PROBLEM);
        assert!(
            said.contains(words) && said.contains("36,000.00 still counts") && said.contains("switch"),
            "{text}: {said}"
        );
    }
    // The numbers on the way to what could not be read count no more.
    page.until(&format!("document.querySelector('[data-metric=spend] b').dataset.value === '{before}'"));
    page.click("[data-key='rule.\"budget\".max'] .back");
    page.planned(&[]);
    assert!(page.value(&format!("document.querySelector({}).hidden", json!(PROBLEM))).as_bool().unwrap());
    // A share may be written in percent; the ends of a pair stay in order.
    page.fill("[data-key='rule.\"evening round\".min_share'] input.number", "25%");
    page.planned(&["rule.\"evening round\".min_share=0.25"]);
    page.fill("[data-key='search.position'] .fields:last-of-type input.number", "2");
    page.until("document.querySelector(\"[data-key='search.position'] .problem\").textContent.includes('below the first')");

    // A huge number widens its slider for as long as it stands there.
    page.fill(ENTRY, "900万");
    page.planned(&["rule.\"budget\".max=9000000", "rule.\"evening round\".min_share=0.25"]);
    page.click("#reset");
    page.planned(&[]);
    assert_eq!(page.value(&format!("document.querySelector({}).max", json!(BUDGET))), "80000");
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn the_form_of_a_rule_refuses_in_words() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    page.click("#add-rule");
    page.until("document.getElementById('add').open");
    let refused = |words: &str| {
        page.press("#add-title", ENTER);
        page.until(&format!("document.getElementById('add-problem').textContent.includes({})", json!(words)));
        let said = page.text("#add-problem");
        assert!(!said.contains('{') && !said.contains("--set"), "no TOML: {said}");
    };
    refused("Empty");
    page.press("#add-bound", "4千");
    page.value(
        "(document.getElementById('add-from').value = '20', document.getElementById('add-to').value = '3')",
    );
    refused("From 20:00 to 3:00");
    page.value(
        "(document.getElementById('add-from').value = '20', document.getElementById('add-to').value = '24')",
    );
    page.press("#add-unit", "kw-9999");
    refused("The shop has no “kw-9999”");
    page.press("#add-unit", &BACK.repeat(7));
    page.press("#add-title", "budget");
    refused("already");
    page.press("#add-title", &format!("{}late{ENTER}", BACK.repeat(6)));
    page.until("!document.getElementById('add').open");
    page.planned(&[
        "rule.+={ name = \"late\", metric = \"spend\", where = { hour = [\"20-24\"] }, max = 4000 }",
    ]);
}
