//! `--rule NAME --min FROM:TO:STEP`, once or twice: each range belongs to the rule named before it.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::frontier::Asked;
use crate::program::Side;

/// The bounds that are to move, in the order of the command line.
#[derive(Debug, Default)]
pub(super) struct Moves {
    pub(super) asked: Vec<Asked>,
    /// Words that found no partner, as they were written.
    pub(super) alone: Vec<String>,
}

impl Args for Moves {
    fn augment_args(command: Command) -> Command {
        let many = |name: &'static str, value: &'static str, help: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .action(ArgAction::Append)
                .allow_hyphen_values(true)
                .help(help)
        };
        command
            .arg(
                many(
                    "rule",
                    "NAME",
                    "The rule whose bound moves; a second --rule with its range makes a grid",
                )
                .required(true),
            )
            .arg(many(
                "min",
                "FROM:TO:STEP",
                "Move its lower bound (`min`, or `min_share` of a rule on shares)",
            ))
            .arg(many("max", "FROM:TO:STEP", "Move its upper bound (`max`, or `max_share`)"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Moves {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut words: Vec<(usize, &str, &String)> = Vec::new();
        for name in ["rule", "min", "max"] {
            let places = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            words.extend(places.zip(values).map(|(at, value)| (at, name, value)));
        }
        words.sort_unstable_by_key(|(at, _, _)| *at);
        let mut moves = Moves::default();
        // The rule that a range belongs to, and whether it has had one.
        let mut rule: Option<(&String, bool)> = None;
        for (_, name, value) in words {
            let side = match name {
                "rule" => {
                    moves
                        .alone
                        .extend(rule.filter(|(_, used)| !used).map(|(rule, _)| format!("--rule {rule}")));
                    rule = Some((value, false));
                    continue;
                }
                "min" => Side::Min,
                _ => Side::Max,
            };
            match &mut rule {
                Some((rule, used)) => {
                    *used = true;
                    moves.asked.push(Asked { rule: (*rule).clone(), side, range: value.clone() });
                }
                None => moves.alone.push(format!("--{name} {value}")),
            }
        }
        moves.alone.extend(rule.filter(|(_, used)| !used).map(|(rule, _)| format!("--rule {rule}")));
        Ok(moves)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(words: &[&str]) -> Moves {
        let command = Moves::augment_args(Command::new("sweep"));
        let words = std::iter::once("sweep").chain(words.iter().copied());
        Moves::from_arg_matches(&command.try_get_matches_from(words).unwrap()).unwrap()
    }

    #[test]
    fn a_range_belongs_to_the_rule_before_it() {
        let asked = |rule: &str, side, range: &str| Asked { rule: rule.into(), side, range: range.into() };
        let two = moves(&["--rule", "roi", "--max", "1:4:1", "--rule", "budget", "--min=-2:-1:1"]);
        assert_eq!(two.asked, [asked("roi", Side::Max, "1:4:1"), asked("budget", Side::Min, "-2:-1:1")]);
        let both = moves(&["--rule", "spend", "--min", "1:2:1", "--max", "3:4:1"]);
        assert_eq!(both.asked, [asked("spend", Side::Min, "1:2:1"), asked("spend", Side::Max, "3:4:1")]);
        assert!(two.alone.is_empty() && both.alone.is_empty());
    }

    #[test]
    fn what_stands_alone_is_named() {
        assert_eq!(moves(&["--rule", "roi"]).alone, ["--rule roi"]);
        assert_eq!(moves(&["--min", "1:2:1", "--rule", "roi", "--max", "1:2:1"]).alone, ["--min 1:2:1"]);
        assert_eq!(moves(&["--rule", "a", "--rule", "b", "--max", "1:2:1"]).alone, ["--rule a"]);
    }
}
