//! What the server answers.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::base::Settings;
use super::{App, controls, guard, tries, units, view, written};
use crate::error::{Error, Finding, Result};
use crate::explain::Line;
use crate::pipeline::Run;
use crate::pipeline::desk::Begun;
use crate::report;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files of the page: path, kind, content.
const FILES: &[(&str, &str, &str)] = &[
    ("/style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("/app.js", SCRIPT, include_str!("page/app.js")),
    ("/base.js", SCRIPT, include_str!("page/base.js")),
    ("/closeup.js", SCRIPT, include_str!("page/closeup.js")),
    ("/file.js", SCRIPT, include_str!("page/file.js")),
    ("/results.js", SCRIPT, include_str!("page/results.js")),
    ("/settings.js", SCRIPT, include_str!("page/settings.js")),
    ("/entry.js", SCRIPT, include_str!("page/entry.js")),
    ("/leave.js", SCRIPT, include_str!("page/leave.js")),
    ("/words.js", SCRIPT, include_str!("page/words.js")),
    ("/controls.js", SCRIPT, include_str!("page/controls.js")),
    ("/shape.js", SCRIPT, include_str!("page/shape.js")),
    ("/answers.js", SCRIPT, include_str!("page/answers.js")),
    ("/charts.js", SCRIPT, include_str!("page/charts.js")),
    ("/talk.js", SCRIPT, include_str!("page/talk.js")),
    ("/echarts.js", SCRIPT, report::ECHARTS),
];

/// Bytes of a request: settings are short, plan files hold thousands of lines at most.
const MOST_BYTES: usize = 1 << 24;

pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new().route("/", get(page));
    for (path, kind, content) in FILES {
        router = router.route(path, get(move || async move { ([(header::CONTENT_TYPE, *kind)], *content) }));
    }
    router
        .route("/api/shop", get(shop).post(shop))
        .route("/api/controls", post(controls))
        .route("/api/try", post(try_settings))
        .route("/api/plan", post(plan))
        .route("/api/unit", post(unit))
        .route("/api/why", post(why))
        .route("/api/text", post(written::text))
        .route("/api/save", post(written::save))
        .route("/api/sheets", post(written::sheets))
        .route("/api/file", post(written::file))
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

/// Findings as JSON, with a status that says whose fault it is.
fn refuse(error: &Error) -> Response {
    let status = match error {
        Error::Input(_) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    answer(status, &json!({ "findings": error.findings() }))
}

pub fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Work that takes a while, off the thread that serves.
pub async fn work(job: impl FnOnce() -> Result<Response> + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(job).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => refuse(&error),
        Err(error) => refuse(&Error::Internal(error.to_string())),
    }
}

/// What the page is about, on the base that it sends, or on the plan file as it is now.
async fn shop(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = if body.is_empty() { Asked::default() } else { Asked::read(&body)? };
        let (now, problem) = app.latest();
        let settings = Settings { base: asked.base.clone().unwrap_or_else(|| now.clone()), set: Vec::new() };
        let request = app.request(&settings)?;
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
                "groups": controls::of(&request.file, asked.lang()),
                "scopes": controls::scopes(app.desk.units()),
                "words": controls::words(),
                "base": settings.base,
                "latest": now == settings.base && problem.is_empty(),
                "problem": problem,
            }),
        ))
    })
    .await
}

/// The controls of a page whose rules are others than the file's.
async fn controls(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let request = app.request(&asked.settings(&app))?;
        app.desk.fits(&request, &app.options)?;
        Ok(answer(StatusCode::OK, &json!({ "groups": controls::of(&request.file, asked.lang()) })))
    })
    .await
}

async fn try_settings(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let asked = match Asked::read(&body) {
        Ok(asked) => asked,
        Err(error) => return refuse(&error),
    };
    let lines = tries::start(app, asked);
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

/// The executable plan again, mostly one that the page has seen: in another language, or other units of it.
async fn plan(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let settings = asked.settings(&app);
        let run = planned(&app, &asked, &settings)?;
        Ok(answer(StatusCode::OK, &view::plan(&app, &asked, &settings, &run.plan)?))
    })
    .await
}

async fn unit(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let settings = asked.settings(&app);
        let (unit, hour) = asked.unit.unwrap_or_default();
        let request = app.request(&settings)?;
        let run = planned(&app, &asked, &settings)?;
        let drill = app.desk.drill(&request, &app.options, unit, hour).ok_or_else(no_unit)?;
        Ok(answer(StatusCode::OK, &units::close_up(&run.plan, unit, hour, &drill, asked.lang())))
    })
    .await
}

/// Why a unit is as it is, hour by hour; the plan is made again for it, to have its prices at hand.
async fn why(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let (unit, _) = asked.unit.unwrap_or_default();
        let request = app.request(&asked.settings(&app))?;
        let why = app.desk.why(&request, &app.options, unit)?.ok_or_else(no_unit)?;
        let line = |line: &Line| json!({ "hours": line.hours, "spans": report::change::spans(&line.hours, asked.lang()), "words": report::why(line, &why.unit, &request.file, asked.lang()) });
        Ok(answer(StatusCode::OK, &why.lines.iter().map(line).collect()))
    })
    .await
}

fn no_unit() -> Finding {
    Finding::error(
        "W002",
        "there is no such unit or hour",
        "take a unit of the plan and an hour from 0 to 23",
    )
}

/// The executable plan of settings, mostly the one that the page has just seen.
pub fn planned(app: &App, asked: &Asked, settings: &Settings) -> Result<Arc<Run>> {
    if let Some(run) = app.tabs.last(&asked.tab, settings) {
        return Ok(run);
    }
    let run = Arc::new(app.desk.plan(&app.request(settings)?, &app.options, Begun::default())?);
    app.tabs.remember(&asked.tab, settings, &run);
    Ok(run)
}
