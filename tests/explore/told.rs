//! What the page says of a plan: in both languages, with or without a server.

use serde_json::{Value, json};

use super::browser::{BUDGET, END, LEFT, RETURN};
use super::pressed;
use super::server::{Server, line};
use super::webdriver::Browser;
use crate::shop::Shop;

#[test]
fn an_answer_says_what_a_person_must_know() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let of =
        |set: &[&str], lang: &str| line(&server.tried("told", set, json!({ "lang": lang })), "plan").clone();
    // Confidence: its chance by row, what it gives up, and why money stays.
    let sure = of(&["plan.confidence=0.9"], "en");
    assert!(sure["price"].as_str().unwrap().contains("gives up"), "{}", sure["price"]);
    let budget =
        sure["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "budget").unwrap().clone();
    assert!(budget["chance"].as_f64().unwrap() > 0.89 && budget["kept_for"] == 0.9, "{budget}");
    let half = of(&[], "en");
    assert!(
        half["price"].is_null()
            && half["rules"].as_array().unwrap().iter().all(|rule| rule["kept_for"].is_null())
    );
    assert!(half["silent"] == json!([]) && half["near"] == true);

    // A rule that leaves a channel nothing.
    let off = of(&["rule.\"display ctr\".min=0.5"], "en");
    let said = off["silent"][0].as_str().unwrap();
    assert!(
        said.starts_with("Display does not run at all")
            && said.contains("display ctr")
            && said.contains("50.00 %"),
        "{said}"
    );
    assert_eq!(off["silent"].as_array().unwrap().len(), 1);
    let said = of(&["rule.\"display ctr\".min=0.5"], "zh")["silent"][0].as_str().unwrap().to_owned();
    assert!(said.starts_with("钻展完全不投放"), "{said}");

    // Scopes in the language that is asked for.
    let rows = of(&[], "zh")["rules"].clone();
    let scopes: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["scope"].as_str().unwrap()).collect();
    assert!(
        scopes.contains(&"渠道：钻展") && !scopes.iter().any(|scope| scope.contains("channel=")),
        "{scopes:?}"
    );

    // Units by whether they run, and all of them where that is asked.
    let units = |shown: Value| {
        let plan = server.post("/api/plan", &json!({ "tab": "told", "set": [], "shown": shown })).json();
        (plan["units"].as_array().unwrap().clone(), plan["found"].as_u64().unwrap())
    };
    let (some, found) = units(json!({}));
    let (all, _) = units(json!({ "all": true }));
    let (idle, count) = units(json!({ "state": "off" }));
    assert_eq!((some.len(), all.len() as u64), (100, found));
    assert!(count > 0 && idle.iter().all(|unit| unit["on"] == 0 && unit["why"].is_string()), "{idle:?}");

    // Why a unit does not run, and what would have to be true.
    let why = |lang: &str| {
        let body = json!({ "tab": "told", "set": [], "lang": lang, "unit": [idle[0]["unit"], 20] });
        let lines = server.post("/api/why", &body).json();
        let own = lines
            .as_array()
            .unwrap()
            .iter()
            .find(|line| line["hours"].as_array().unwrap().contains(&json!(20)));
        own.unwrap()["words"].as_str().unwrap().to_owned()
    };
    let said = why("en");
    assert!(said.contains("ROI") && said.contains("It would run if a click"), "{said}");
    let said = why("zh");
    assert!(said.contains("投入产出比") && said.contains("就会投放"), "{said}");
    assert_eq!(server.post("/api/why", &json!({ "unit": [100_000, 3] })).status, 422);
}

#[test]
fn in_chinese_nothing_is_english_even_without_a_plan() {
    let shop = pressed();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    let before = page.tile("revenue");
    page.press(RETURN, END);
    page.until("document.getElementById('results').dataset.stale === 'true' && document.querySelector('#conflict button')");
    // One story: what contradicts, what would do, and what the grey plan is.
    assert_eq!(page.text("#verdict b"), "No plan can meet these settings.");
    assert!(!page.text("main").contains("nearest"));
    assert!(page.text("#old").contains("last plan that met its rules"));
    page.click(".menu summary");
    page.click("[data-file='bids.xlsx']");
    page.until("document.getElementById('told').textContent.includes('no bids to write')");
    page.value("(document.getElementById('language').value = 'zh', document.getElementById('language').dispatchEvent(new Event('change')))");
    page.until("document.getElementById('conflict').textContent.includes('相互矛盾') && document.querySelector('#rules th').textContent === '约束'");
    assert_eq!(page.tile("revenue"), before, "the last plan stays");
    for place in
        ["#verdict", "#conflict", "#old", "#rules", "#channels", "#heat-legend", "#changed", "#against"]
    {
        let text = page.text(place);
        for word in ["channel", "roi of", "asks", "plan", "Every", "whole", "spend", "hour"] {
            // A rule may be called what it likes.
            assert!(!text.replace("evening round", "").contains(word), "{place}: `{word}` in {text}");
        }
    }
    assert!(
        page.text("[data-rule='roi'] small").contains("按 渠道"),
        "{}",
        page.text("[data-rule='roi'] small")
    );
    page.click("#old button");
    page.until("document.getElementById('results').dataset.stale === 'false' && document.getElementById('verdict').textContent.includes('全部约束达标')");
    assert_eq!(page.tile("revenue"), before);
}

#[test]
fn what_is_lost_is_said_and_what_is_looked_at_stays_in_sight() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 800) else { return };
    page.open(&server);
    page.press(BUDGET, &LEFT.repeat(2));
    page.planned(&["rule.\"budget\".max=38000"]);
    // Differences are told in their own measure too, and against what.
    let tile = page.text("[data-metric=spend] i");
    assert!(tile.starts_with('-') && tile.contains(',') && tile.contains('%'), "{tile}");
    assert!(page.text("#against").contains("40,000"));
    assert_eq!(page.value("document.querySelectorAll('#heat-legend i').length"), 4);
    // Scrolled down, verdict and sums are still there.
    page.value("document.getElementById('units').scrollIntoView()");
    page.until("document.getElementById('stand').classList.contains('away')");
    page.until("(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.getElementById('glance').getBoundingClientRect())");
    assert!(page.text("#glance").contains("38,000"));
    // Units that do not run are found.
    page.value("(document.getElementById('which').value = 'off', document.getElementById('which').dispatchEvent(new Event('change')))");
    page.until("document.querySelectorAll('#units tbody tr').length > 0 && [...document.querySelectorAll('#units tbody tr')].every(row => row.children[2].textContent.startsWith('0/'))");
    page.click("#units tbody button");
    page.until("document.getElementById('unit-words').dataset.whole === 'true'");
    assert!(page.text("#unit-words").contains("would run if"), "{}", page.text("#unit-words"));
    page.click("#unit .close");
    page.value("(document.getElementById('which').value = '', document.getElementById('which').dispatchEvent(new Event('change')))");
    page.until("!document.getElementById('show-all').hidden");
    page.value("scrollTo(0, 0)");
    page.click("#show-all");
    page.until("document.querySelectorAll('#units tbody tr').length === 106");

    drop(server);
    page.value("scrollTo(0, 0)");
    page.click(".menu summary");
    page.click("[data-file='plan.csv']");
    page.until("document.getElementById('told').textContent.includes('connection to bidwright is lost')");
    page.until("document.getElementById('results').dataset.stale === 'true'");
    assert!(page.text("#old").contains("What was changed since is not in it"));
    assert!(page.text("#verdict").contains("Not computed"));
}
