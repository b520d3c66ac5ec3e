//! What the server answers.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{App, controls, guard, tries, view};
use crate::error::{Error, Finding, Result};
use crate::pipeline::Options;
use crate::report::{self, Lang};
use crate::sheets::{self, Package};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files of the page: path, kind, content.
const FILES: &[(&str, &str, &str)] = &[
    ("/style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("/app.js", SCRIPT, include_str!("page/app.js")),
    ("/words.js", SCRIPT, include_str!("page/words.js")),
    ("/controls.js", SCRIPT, include_str!("page/controls.js")),
    ("/shape.js", SCRIPT, include_str!("page/shape.js")),
    ("/answers.js", SCRIPT, include_str!("page/answers.js")),
    ("/charts.js", SCRIPT, include_str!("page/charts.js")),
    ("/talk.js", SCRIPT, include_str!("page/talk.js")),
    ("/echarts.js", SCRIPT, report::ECHARTS),
];

/// Bytes of a request: settings are short.
const MOST_BYTES: usize = 1 << 20;

pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new().route("/", get(page));
    for (path, kind, content) in FILES {
        router = router.route(path, get(move || async move { ([(header::CONTENT_TYPE, *kind)], *content) }));
    }
    router
        .route("/api/shop", get(shop))
        .route("/api/controls", post(controls))
        .route("/api/try", post(try_settings))
        .route("/api/unit", post(unit))
        .route("/api/text", post(text))
        .route("/api/save", post(save))
        .route("/api/sheets", post(write_sheets))
        .route("/api/file", post(file))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), admit))
        .with_state(app)
}

/// Every request passes here.
async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // The page itself lets a printed token in; all else must have it.
    let entrance = request.uri().path() == "/";
    let mut response = match app.guard.admits(request.headers()) {
        Err((status, why)) => (status, why).into_response(),
        Ok(()) if entrance || app.guard.knows(request.headers()) => next.run(request).await,
        Ok(()) => {
            (StatusCode::UNAUTHORIZED, "open the address that bidwright explore printed").into_response()
        }
    };
    for (name, value) in guard::HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[derive(Deserialize)]
struct Entrance {
    token: Option<String>,
}

/// The page. A token in the address becomes a cookie, and leaves the address.
async fn page(State(app): State<Arc<App>>, Query(entrance): Query<Entrance>, headers: HeaderMap) -> Response {
    let known = entrance.token.is_some_and(|token| app.guard.is_token(&token));
    match app.guard.set_cookie() {
        Some(cookie) if known => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, HeaderValue::from_static("/")), (header::SET_COOKIE, cookie)],
        )
            .into_response(),
        _ if app.guard.knows(&headers) => {
            ([(header::CONTENT_TYPE, HTML)], include_str!("page/index.html")).into_response()
        }
        _ => (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, HTML)], include_str!("page/locked.html"))
            .into_response(),
    }
}

/// Settings of a page, and what it wants with them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The page's own name.
    #[serde(default)]
    pub tab: String,
    /// `KEY=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Language of words in the answer: `zh`, or English.
    #[serde(default)]
    pub lang: String,
    /// Units that are shown have this in their names.
    #[serde(default)]
    pub find: String,
    /// The bound whose frontier is wanted: index of its rule, and `min` or `max`.
    #[serde(default)]
    pub frontier: Option<(usize, String)>,
    /// A unit's index and an hour.
    #[serde(default)]
    pub unit: Option<(u32, u8)>,
    /// Name of a file.
    #[serde(default)]
    pub file: String,
    /// Whether a folder that is not ours may be written into.
    #[serde(default)]
    pub force: bool,
}

impl Asked {
    pub fn lang(&self) -> Lang {
        if self.lang.starts_with("zh") { Lang::Zh } else { Lang::En }
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let cause = format!("the request cannot be read: {error}");
        Finding::error("W002", cause, "send the JSON that docs/explore.md describes").into()
    })
}

/// Findings as JSON, with a status that says whose fault it is.
fn refuse(error: &Error) -> Response {
    let status = match error {
        Error::Input(_) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    answer(status, &json!({ "findings": error.findings() }))
}

fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Work that takes a while, off the thread that serves.
async fn work(job: impl FnOnce() -> Result<Response> + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(job).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => refuse(&error),
        Err(error) => refuse(&Error::Internal(error.to_string())),
    }
}

async fn shop(State(app): State<Arc<App>>) -> Response {
    work(move || {
        let request = app.request(&[])?;
        let out = app.out(&request);
        Ok(answer(
            StatusCode::OK,
            &json!({
                "start": app.start,
                "version": env!("CARGO_PKG_VERSION"),
                "file": app.path.display().to_string(),
                "out": out.display().to_string(),
                "date": app.desk.date(&request, &app.options).to_string(),
                "currency": request.file.plan.currency,
                "units": app.desk.units().len(),
                "warnings": app.desk.audit().findings,
                "groups": controls::of(&request.file),
                "scopes": controls::scopes(app.desk.units()),
                "words": controls::words(),
            }),
        ))
    })
    .await
}

/// The controls of a page whose rules are others than the file's.
async fn controls(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked: Asked = read(&body)?;
        let request = app.request(&asked.set)?;
        app.desk.fits(&request, &app.options)?;
        Ok(answer(StatusCode::OK, &json!({ "groups": controls::of(&request.file) })))
    })
    .await
}

async fn try_settings(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let asked: Asked = match read(&body) {
        Ok(asked) => asked,
        Err(error) => return refuse(&error),
    };
    let lines = tries::start(app, asked);
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

async fn unit(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked: Asked = read(&body)?;
        let (unit, hour) = asked.unit.unwrap_or_default();
        let request = app.request(&asked.set)?;
        let run = planned(&app, &asked)?;
        let drill = app.desk.drill(&request, &app.options, unit, hour).ok_or_else(|| {
            Finding::error(
                "W002",
                "there is no such unit or hour",
                "take a unit of the plan and an hour from 0 to 23",
            )
        })?;
        Ok(answer(StatusCode::OK, &view::unit(&run.plan, unit, hour, &drill, asked.lang())))
    })
    .await
}

/// The executable plan of settings, mostly the one that the page has just seen.
fn planned(app: &App, asked: &Asked) -> Result<Arc<crate::pipeline::Run>> {
    if let Some(run) = app.tabs.last(&asked.tab, &asked.set) {
        return Ok(run);
    }
    let run = Arc::new(app.desk.plan(&app.request(&asked.set)?, &app.options)?);
    app.tabs.remember(&asked.tab, &asked.set, &run);
    Ok(run)
}

async fn text(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked: Asked = read(&body)?;
        let text = app.rewritten(&asked.set)?;
        Ok(([(header::CONTENT_TYPE, "application/toml")], text).into_response())
    })
    .await
}

async fn save(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked: Asked = read(&body)?;
        app.save(&asked.set)?;
        Ok(answer(StatusCode::OK, &json!({ "file": app.path.display().to_string() })))
    })
    .await
}

/// Lends a package of the page's plan.
fn package<T>(app: &App, asked: &Asked, with: impl FnOnce(&Package<'_>) -> Result<T>) -> Result<T> {
    let started = Timestamp::now();
    let mut request = app.request(&asked.set)?;
    request.text = app.rewritten(&asked.set)?;
    // What the report alone tells is solved for it alone.
    let run = match asked.file.is_empty() || asked.file == "report.html" {
        true => {
            let options = Options { told: true, ..app.options.clone() };
            Arc::new(app.desk.plan(&request, &options)?)
        }
        false => planned(app, asked)?,
    };
    let tested = sheets::last_backtest(&request)?;
    with(&Package {
        frontiers: &run.frontiers,
        costs: &run.costs,
        tested: tested.as_ref(),
        request: &request,
        audit: app.desk.audit(),
        plan: &run.plan,
        stages: &run.stages,
        mps: None,
        within: None,
        started,
        lang: asked.lang(),
    })
}

async fn write_sheets(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked: Asked = read(&body)?;
        let out = app.out(&app.request(&asked.set)?);
        package(&app, &asked, |package| sheets::write(package, &out, asked.force))?;
        Ok(answer(StatusCode::OK, &json!({ "out": out.display().to_string() })))
    })
    .await
}

async fn file(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked: Asked = read(&body)?;
        let bytes = package(&app, &asked, |package| sheets::file(package, &asked.file))?;
        let bytes = bytes.ok_or_else(|| {
            Finding::error(
                "W002",
                "the output folder has no such file",
                "ask for bids.xlsx, plan.csv or report.html",
            )
        })?;
        Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
    })
    .await
}
