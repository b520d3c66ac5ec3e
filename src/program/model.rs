//! The program with its business keys beside it, so that prices come back typed.

use std::sync::Arc;

use super::Program;
use super::rows::RuleRow;

/// Which bound of a rule a program row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Its `min` or `min_share`.
    Min,
    /// Its `max` or `max_share`.
    Max,
}

/// What a program row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey {
    /// Index into [`Model::rule_rows`].
    pub rule_row: usize,
    /// Which bound.
    pub side: Side,
}

/// The program and what its rows and columns mean. Ladder l of the program is ladder l of the ladders.
#[derive(Debug, Clone)]
pub struct Model {
    /// The program.
    pub program: Program,
    /// Key of each program row.
    pub keys: Vec<RowKey>,
    /// The resolved rules.
    pub rule_rows: Vec<RuleRow>,
    /// Activity of what is given, per program row; it has been taken off the row's bounds.
    pub given: Vec<f64>,
    /// For every ladder, the program's group of each of its hours. Shared: programs whose bounds alone differ have it in
    /// common.
    pub hour_groups: Arc<Vec<Vec<usize>>>,
}
