//! What goes to stderr: log lines, progress, findings, the news of a defect.

use std::io::{IsTerminal, Write, stderr};
use std::panic;

use tracing_indicatif::IndicatifLayer;
use tracing_indicatif::style::ProgressStyle;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::error::{Error, Finding, Severity};

/// How stderr is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The way to stderr.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    format: Format,
    least: Severity,
}

impl Log {
    /// Starts logging; only the first call in a process has an effect on log lines.
    pub fn start(format: Format, verbose: u8, quiet: u8) -> Log {
        let (level, least) = match (verbose, quiet) {
            (0, 0) => (LevelFilter::INFO, Severity::Warning),
            (0, 1) => (LevelFilter::WARN, Severity::Warning),
            (0, _) => (LevelFilter::ERROR, Severity::Error),
            (1, _) => (LevelFilter::DEBUG, Severity::Note),
            _ => (LevelFilter::TRACE, Severity::Note),
        };
        // Dependencies speak only when something is wrong.
        let ours = Targets::new().with_target("bidwright", level).with_default(level.min(LevelFilter::WARN));
        let registry = tracing_subscriber::registry();
        let terminal = stderr().is_terminal();
        let lines = fmt::layer().with_writer(stderr).log_internal_errors(false);
        let started = match format {
            Format::Json => registry.with(lines.json().with_filter(ours)).try_init(),
            Format::Text => {
                let lines = lines
                    .compact()
                    .with_target(false)
                    .without_time()
                    .with_ansi(terminal && colours_are_welcome());
                if terminal && level >= LevelFilter::INFO {
                    let progress = progress();
                    let lines = lines.with_writer(progress.get_stderr_writer());
                    let stages = filter_fn(|metadata| metadata.is_span() && metadata.name() == "stage");
                    registry.with(lines.with_filter(ours)).with(progress.with_filter(stages)).try_init()
                } else {
                    registry.with(lines.with_filter(ours)).try_init()
                }
            }
        };
        drop(started); // a second start in one process, as in tests, keeps the first
        Log { format, least }
    }

    /// From now on a panic is told as an internal error.
    pub fn tell_panics(self) {
        panic::set_hook(Box::new(move |panic| {
            let message = panic.payload_as_str().unwrap_or("no message");
            let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
            self.error(&Error::Internal(format!("{message}{place}")));
        }));
    }

    /// Prints those findings that the verbosity lets through.
    pub fn findings(&self, findings: &[Finding]) {
        findings
            .iter()
            .filter(|finding| finding.severity >= self.least)
            .for_each(|finding| print(self.format, finding));
    }

    /// Prints all findings, whatever the verbosity.
    pub fn all_findings(&self, findings: &[Finding]) {
        findings.iter().for_each(|finding| print(self.format, finding));
    }

    /// Prints why a run could not go on.
    pub fn error(&self, error: &Error) {
        let findings = error.findings();
        match (self.format, error) {
            (Format::Text, Error::Internal(_)) => line(&error.to_string()),
            _ => self.all_findings(&findings),
        }
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        if self.format == Format::Text && errors > 1 {
            line(&format!("{errors} errors"));
        }
    }
}

/// Prints one finding, as text or as a line of JSON.
pub(super) fn print(format: Format, finding: &Finding) {
    match format {
        Format::Text => line(&finding.to_string()),
        Format::Json => line(&serde_json::to_string(finding).unwrap_or_else(|_| finding.to_string())),
    }
}

/// A closed stderr is no reason to fail: nobody is left to tell.
fn line(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

fn colours_are_welcome() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A spinner for every span named `stage`, with its fields and the seconds it has taken.
fn progress<S>() -> IndicatifLayer<S, impl for<'w> fmt::FormatFields<'w>>
where
    S: tracing::Subscriber + for<'l> tracing_subscriber::registry::LookupSpan<'l>,
{
    let style = ProgressStyle::with_template("{spinner} {span_fields} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    IndicatifLayer::new().with_progress_style(style).with_span_field_formatter(debug_fn(
        |writer, _, value| {
            let text = format!("{value:?}");
            write!(writer, "{} ", text.trim_matches('"'))
        },
    ))
}
