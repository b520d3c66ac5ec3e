//! A try: settings in, lines of JSON out, as they come.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::body::Bytes;
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::asked::Asked;
use super::{App, view};
use crate::error::{Error, Result};
use crate::pipeline::Options;
use crate::pipeline::desk::{Begun, Outlook, Tried};
use crate::program::Side;

/// Lines that may wait for their reader.
const WAITING: usize = 8;

/// Begins a try in the background, and ends the one before of the same page. The try ends, too, when the
/// stream is dropped.
pub fn start(app: Arc<App>, asked: Asked) -> impl Stream<Item = std::result::Result<Bytes, Infallible>> {
    let (lines, reader) = mpsc::channel(WAITING);
    let turn = app.tabs.turn(&asked.tab);
    let options = Options { stop: turn.flag(), ..app.options.clone() };
    tokio::task::spawn_blocking(move || {
        let one = Try { app: &app, asked: &asked, options, lines, started: Instant::now() };
        if let Err(error) = one.run() {
            let _ = match error {
                Error::Stopped(_) => one.tell("superseded", json!({})),
                error => one.tell("refused", json!({ "findings": error.findings() })),
            };
        }
    });
    stream::unfold((reader, turn), |(mut reader, turn)| async {
        reader.recv().await.map(|line: Bytes| (Ok(line), (reader, turn)))
    })
}

struct Try<'a> {
    app: &'a App,
    asked: &'a Asked,
    options: Options,
    lines: mpsc::Sender<Bytes>,
    started: Instant,
}

impl Try<'_> {
    fn run(&self) -> Result<()> {
        let (app, asked, lang) = (self.app, self.asked, self.asked.lang());
        if asked.base.as_ref().is_some_and(|base| !app.is_latest(base)) {
            self.tell("moved", json!({}))?;
        }
        let settings = asked.settings(app);
        let request = app.request(&settings)?;
        let so_far = |outlook: &Outlook| {
            // Nobody who reads it: the try ends at the next look.
            let _ = self.tell("so_far", view::outlook(outlook, &request.file, lang));
        };
        let first = app.desk.outlook(&request, &self.options, &mut { so_far })?;
        self.go_on()?;
        let begun = match first {
            Tried::Best(outlook, begun) => {
                self.tell("outlook", view::outlook(&outlook, &request.file, lang))?;
                begun
            }
            Tried::Infeasible => {
                self.tell("infeasible", json!({}))?;
                Begun::default()
            }
            Tried::Stopped => return Err(Error::Stopped("by a newer try".into())),
        };
        let run = Arc::new(app.desk.plan(&request, &self.options, begun)?);
        self.go_on()?;
        app.tabs.remember(&asked.tab, &settings, &run);
        self.tell("plan", view::plan(app, asked, &settings, &run.plan)?)?;
        if let Some((rule, side)) = &asked.frontier {
            let side = if side == "min" { Side::Min } else { Side::Max };
            let frontier = app.desk.frontier(&request, &self.options, *rule, side)?;
            self.go_on()?;
            self.tell("frontier", frontier.map_or(Value::Null, |frontier| view::frontier(&frontier)))?;
        }
        Ok(())
    }

    /// Ends a try that a newer one has overtaken, or that nobody reads.
    fn go_on(&self) -> Result<()> {
        match self.options.stop.load(Ordering::Relaxed) {
            true => Err(Error::Stopped("by a newer try".into())),
            false => Ok(()),
        }
    }

    fn tell(&self, kind: &str, content: Value) -> Result<()> {
        let milliseconds = self.started.elapsed().as_secs_f64() * 1000.0;
        let line = json!({ "kind": kind, "ms": (milliseconds * 10.0).round() / 10.0, "is": content });
        let line = Bytes::from(line.to_string() + "\n");
        self.lines.blocking_send(line).map_err(|_| Error::Stopped("nobody reads the answer".into()))
    }
}
