//! The command line as its users meet it: words in, exit code, stdout, stderr and files out.

mod check;
mod conflict;
mod export;
mod judge;
mod killed;
mod output;
mod overrides;
mod plan;
mod rules;
mod sheets;
mod simulate;
mod sweep;
mod usage;
