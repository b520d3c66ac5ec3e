//! The command line: one file a command. Types of the command line end here; below it there are only
//! requests and options.

mod backtest;
mod batch;
mod check;
mod compare;
mod completions;
mod explain;
mod explore;
mod export;
mod fit;
mod judge;
mod log;
mod man;
mod moves;
mod number;
mod outlook;
mod plan;
mod played;
mod replan;
mod replayed;
mod review;
mod run;
mod schema;
mod screen;
mod simulate;
mod stop;
mod summary;
mod sweep;
mod table;
mod why;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;

use crate::config::{self, Request};
use crate::error::{Error, Finding, Result, exit};
use crate::pipeline::Options;
use log::{Format, Log};

const EXIT_CODES: &str = "\
Exit codes:
  0  done, and the plan meets every rule
  1  internal error
  2  bad usage, configuration or input; the findings are on stderr
  3  no plan can meet the rules; the nearest plan was written
  4  stopped by a limit before the proof; the best plan found was written
  5  another daily run is at work in the same folder (`run` and `batch`)";

/// The help's last part of a command: its examples, then the exit codes.
macro_rules! after_help {
    ($examples:literal) => {
        concat!(
            "Examples:\n",
            $examples,
            "\n\nExit codes: 0 done, 1 internal error, 2 bad usage, configuration or input, ",
            "3 no plan can meet the rules, 4 stopped by a limit before the proof (3: also `export`; 3 and 4: `plan`, `replan`, `sweep`, `run` and `batch`)"
        )
    };
}
pub(crate) use after_help;

/// Plans tomorrow's hourly advertising bids from a shop's history by a linear program.
///
/// A plan file (TOML) says where the history is, what to maximise and which rules to keep; `bidwright
/// schema` describes its keys. Results go to stdout, logs and findings to stderr. Money is in the plan's
/// currency; ROI is revenue ÷ spend (投入产出比, ROAS).
#[derive(Debug, Parser)]
#[command(name = "bidwright", version, after_help = EXIT_CODES, after_long_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
struct Common {
    /// How stderr is written: text for people, or one JSON object a line
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT", global = true)]
    log_format: Format,
    /// More on stderr: -v debug, -vv trace
    #[arg(short, long, action = clap::ArgAction::Count, global = true, conflicts_with = "quiet")]
    verbose: u8,
    /// Less on stderr: -q warnings and errors, -qq errors
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    quiet: u8,
    /// Threads of the computation [default: one per core]; the result does not depend on it
    #[arg(long, value_name = "N", global = true)]
    threads: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::PlanArgs),
    Run(run::RunArgs),
    Batch(batch::BatchArgs),
    Check(check::CheckArgs),
    Fit(fit::FitArgs),
    Replan(replan::ReplanArgs),
    Sweep(sweep::SweepArgs),
    Export(export::ExportArgs),
    Explore(explore::ExploreArgs),
    Explain(explain::ExplainArgs),
    Compare(compare::CompareArgs),
    Simulate(simulate::SimulateArgs),
    Backtest(backtest::BacktestArgs),
    Review(review::ReviewArgs),
    Judge(judge::JudgeArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The plan file of a command.
#[derive(Debug, Args)]
struct PlanFileArgs {
    /// The plan file (TOML)
    #[arg(value_name = "PLAN.toml")]
    plan: PathBuf,
    /// Another value for a key of the plan file: `plan.objective=profit`, `rule.roi.min=2.5` (the rule
    /// named roi), `rule.0.min=2.5` (the first rule); may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Lay a `[scenario.NAME]` of the plan file over it, before --set
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
}

impl PlanFileArgs {
    /// The plan file, its doubtful parts told.
    fn load(&self, log: &Log) -> Result<Request> {
        let (request, doubts) = self.examine()?;
        log.findings(&doubts);
        Ok(request)
    }

    /// The plan file and its doubtful parts.
    fn examine(&self) -> Result<(Request, Vec<Finding>)> {
        config::examine_scenario(&self.plan, self.scenario.as_deref(), &self.set)
    }
}

/// What a day is planned with beside its plan file.
#[derive(Debug, clap::Args)]
struct DayArgs {
    /// The date to plan, as 2026-12-12 [default: the plan file's, else the day after the history's last]
    #[arg(long, value_name = "D")]
    date: Option<Date>,
    /// A model that `bidwright fit` saved; its history is not read then [default: fit anew]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The solver of the linear program [default: the fastest that proves its optimum]
    #[arg(long, value_name = "NAME")]
    solver: Option<String>,
}

impl DayArgs {
    /// Options of a run; the date goes into the request, where it counts for scenarios and sheets too.
    fn options(&self, request: &mut Request) -> Options {
        request.file.plan.date = self.date.or(request.file.plan.date);
        Options {
            date: self.date,
            model: self.model.clone(),
            solver: self.solver.clone(),
            ..Options::default()
        }
    }
}

impl Command {
    /// Does it and says with which code to exit.
    fn run(&self, log: &Log) -> Result<u8> {
        match self {
            Command::Plan(args) => args.run(log),
            Command::Run(args) => args.run(log),
            Command::Batch(args) => args.run(log),
            Command::Check(args) => args.run(log),
            Command::Fit(args) => args.run(log),
            Command::Replan(args) => args.run(log),
            Command::Sweep(args) => args.run(log),
            Command::Export(args) => args.run(log),
            Command::Explore(args) => args.run(log),
            Command::Explain(args) => args.run(log),
            Command::Compare(args) => args.run(log),
            Command::Simulate(args) => args.run(log),
            Command::Backtest(args) => args.run(log),
            Command::Review(args) => args.run(log),
            Command::Judge(args) => args.run(),
            Command::Schema(args) => args.run(),
            Command::Completions(args) => args.run(),
            Command::Man(args) => args.run(),
        }
    }
}

/// Runs a command line, its first word the program's name, from the first word to the exit code.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(usage) => return refuse_usage(&usage, &words),
    };
    let log = Log::start(cli.common.log_format, cli.common.verbose, cli.common.quiet);
    log.tell_panics();
    let ended = panic::catch_unwind(|| {
        if let Some(threads) = cli.common.threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
            pool.map_err(|error| Error::Internal(format!("cannot start {threads} threads: {error}")))?;
        }
        cli.command.run(&log)
    });
    ExitCode::from(match ended {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            let error = stop::blame(error);
            log.error(&error);
            error.exit_code()
        }
        Err(_) => exit::INTERNAL, // the panic hook has spoken
    })
}

/// Help and version go to stdout and are no error; anything else is `U001`.
fn refuse_usage(usage: &clap::Error, words: &[OsString]) -> ExitCode {
    if !usage.use_stderr() {
        let _ = usage.print(); // nobody is left to tell
        return ExitCode::from(exit::DONE);
    }
    let json = words.windows(2).any(|pair| pair[0] == "--log-format" && pair[1] == "json")
        || words.iter().any(|word| word == "--log-format=json");
    if json {
        let cause = usage.render().to_string();
        let cause = cause.trim().trim_start_matches("error: ");
        let finding = Finding::error("U001", cause, "see `bidwright --help`");
        log::print(Format::Json, &finding);
    } else {
        let _ = usage.print();
    }
    ExitCode::from(exit::INPUT)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches() {
        for command in Cli::command().get_subcommands_mut() {
            let name = command.get_name().to_owned();
            let help = command.render_long_help().to_string();
            assert!(help.contains("Exit codes"), "{name} names the exit codes");
            assert!(help.matches("\n  bidwright ").count() >= 2, "{name} has two examples:\n{help}");
        }
    }

    #[test]
    fn numbers_of_threads_start_at_one() {
        assert!(Cli::try_parse_from(["bidwright", "schema", "--threads", "0"]).is_err());
        let cli = Cli::try_parse_from(["bidwright", "schema", "--threads", "2", "-qq"]).unwrap();
        assert_eq!((cli.common.threads.map(NonZeroUsize::get), cli.common.quiet), (Some(2), 2));
    }
}
