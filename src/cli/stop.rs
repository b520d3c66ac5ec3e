//! Ctrl-C, and what service managers and containers send (SIGTERM): the first asks the run to end with the best it has, the second ends it at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a shell reports for a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// A flag that a signal to end raises.
pub(super) fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    let handler = ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::SeqCst) {
            process::exit(INTERRUPTED);
        }
        tracing::warn!("stopping with the best plan so far; Ctrl-C again ends at once");
    });
    if let Err(error) = handler {
        tracing::debug!("Ctrl-C will end the run at once: {error}");
    }
    flag
}
