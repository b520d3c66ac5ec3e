//! Ctrl-C, and what service managers and containers send (SIGTERM). A hang-up is left as it was found, so that a
//! program under `nohup` outlives its terminal.

use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::error::Error;

/// What a shell reports for a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// The flag of this process, once signals are listened to.
static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// A flag that the first signal raises, so that the run ends with the best it has; the second ends it at once.
pub(super) fn flag() -> Arc<AtomicBool> {
    let flag = Arc::clone(FLAG.get_or_init(Arc::default));
    let raised = Arc::clone(&flag);
    let heard = at_each(move || {
        if raised.swap(true, Ordering::SeqCst) {
            process::exit(INTERRUPTED);
        }
        tracing::warn!("stopping as soon as that is clean; a second signal ends at once");
    });
    if let Err(error) = heard {
        tracing::debug!("Ctrl-C will end the run at once: {error}");
    }
    flag
}

/// The same error; where a signal was what the solver took for a limit, the signal.
pub(super) fn blame(error: Error) -> Error {
    match error {
        Error::Stopped(_) if FLAG.get().is_some_and(|flag| flag.load(Ordering::SeqCst)) => {
            Error::Interrupted("the run before there was a plan to write")
        }
        other => other,
    }
}

/// Does something at each signal, in a thread of its own.
///
/// # Errors
/// Signals that the system does not let be caught.
#[cfg(unix)]
pub(super) fn at_each(mut told: impl FnMut() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let listen = move || signals.forever().for_each(|_| told());
    std::thread::Builder::new().name("signals".into()).spawn(listen).map(drop)
}

/// Does something at each signal, in a thread of its own.
///
/// # Errors
/// Signals that the system does not let be caught.
#[cfg(not(unix))]
pub(super) fn at_each(told: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(told).map_err(io::Error::other)
}
