//! The stages of a run, and how long each takes.

use std::time::Instant;

use tracing::{info, info_span};

/// Times the stages of a run.
pub(crate) struct Stages {
    pub(super) started: Instant,
    pub(super) seconds: Vec<(&'static str, f64)>,
}

impl Stages {
    /// Begins now.
    pub(crate) fn start() -> Stages {
        Stages { started: Instant::now(), seconds: Vec::new() }
    }

    /// Does a stage's work, and books its seconds beside those that it took before.
    pub(crate) fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let span = info_span!("stage", name);
        let started = Instant::now();
        let result = span.in_scope(work);
        let seconds = started.elapsed().as_secs_f64();
        info!(seconds = (seconds * 1000.0).round() / 1000.0, "{name}");
        match self.seconds.iter_mut().find(|(of, _)| *of == name) {
            Some((_, before)) => *before += seconds,
            None => self.seconds.push((name, seconds)),
        }
        result
    }

    /// Seconds of each stage so far, in order.
    pub(crate) fn seconds(&self) -> &[(&'static str, f64)] {
        &self.seconds
    }
}
