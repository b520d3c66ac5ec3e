//! The program: everything it does is in [`bidwright::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    bidwright::cli::run(std::env::args_os())
}
