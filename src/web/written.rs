//! What leaves the page: the plan file, and the files of the output folder.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use super::App;
use super::asked::Asked;
use super::base::Settings;
use super::routes::{answer, planned, work};
use crate::error::{Finding, Result};
use crate::pipeline::Options;
use crate::pipeline::desk::Begun;
use crate::sheets::{self, Package};

/// The plan file's text with the settings in it.
pub async fn text(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let settings = Asked::read(&body)?.settings(&app);
        let text = app.rewritten(&settings)?;
        Ok(([(header::CONTENT_TYPE, "application/toml")], text).into_response())
    })
    .await
}

/// Writes the settings into the plan file.
pub async fn save(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let base = app.save(&asked.settings(&app), asked.replaced.as_deref())?;
        Ok(answer(StatusCode::OK, &json!({ "file": app.path.display().to_string(), "base": base })))
    })
    .await
}

/// Lends a package of the page's plan.
fn package<T>(
    app: &App,
    asked: &Asked,
    settings: &Settings,
    with: impl FnOnce(&Package<'_>) -> Result<T>,
) -> Result<T> {
    let started = Timestamp::now();
    let mut request = app.request(settings)?;
    request.text = app.rewritten(settings)?;
    // What the report alone tells is solved for it alone.
    let run = match asked.file.is_empty() || asked.file == "report.html" {
        true => {
            let options = Options { told: true, ..app.options.clone() };
            Arc::new(app.desk.plan(&request, &options, Begun::default())?)
        }
        false => planned(app, asked, settings)?,
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

/// Writes the output folder.
pub async fn sheets(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let settings = asked.settings(&app);
        let out = app.out(&app.request(&settings)?);
        package(&app, &asked, &settings, |package| sheets::write(package, &out, asked.force))?;
        Ok(answer(StatusCode::OK, &json!({ "out": out.display().to_string() })))
    })
    .await
}

/// A file of the output folder.
pub async fn file(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(move || {
        let asked = Asked::read(&body)?;
        let bytes =
            package(&app, &asked, &asked.settings(&app), |package| sheets::file(package, &asked.file))?;
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
