//! The command line as its users meet it: words in, exit code, stdout, stderr and files out.

mod approve;
mod check;
mod compare;
mod conflict;
mod explain;
mod export;
mod judge;
mod killed;
mod output;
mod overrides;
mod plan;
mod replan;
mod report;
mod review;
mod rules;
mod sheets;
mod simulate;
mod sweep;
mod usage;
