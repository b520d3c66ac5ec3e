//! One schedule of each campaign, out of those that were made: exact penalty, the best change of one campaign or of
//! two at once.
//!
//! Two, because rules bind: what one campaign spends more, another must spend less. Campaigns meet only in the rows
//! that more than one of them reaches, so a change is weighed on those alone.

use super::master::Master;
use super::penalty::Penalties;

/// Rounds of rising penalties.
const ROUNDS: usize = 24;
/// Schedules of a campaign that are tried beside those of another, the best at the rows' prices.
const PAIRED: usize = 48;
/// Changes in a round, more than are ever needed.
const CHANGES: usize = 1000;

/// A schedule of a campaign, or its pause.
struct Candidate {
    /// The schedule; nothing for the pause.
    column: Option<usize>,
    gain: f64,
    /// Activity in the rows that several campaigns reach.
    shared: Vec<f64>,
    /// Rows that this campaign alone reaches, and the activity in them.
    own: Vec<(usize, f64)>,
}

struct Choice {
    rows: usize,
    /// The rows that several campaigns reach.
    shared: Vec<usize>,
    /// Of each campaign, the best at the rows' prices first.
    candidates: Vec<Vec<Candidate>>,
    /// What a candidate brings, less what its campaign's own rows cost.
    worth: Vec<Vec<f64>>,
    chosen: Vec<usize>,
}

/// Chooses a schedule of each campaign, or nothing where it is best idle. Begins with those that are worth the most at
/// prices.
pub(super) fn choose(
    master: &Master<'_, '_>,
    prices: &[f64],
    mut penalties: Penalties<'_>,
) -> Vec<Option<usize>> {
    let mut choice = Choice::new(master, prices);
    for _ in 0..ROUNDS {
        choice.improve(&penalties);
        if !penalties.raise(&choice.activity()) {
            break;
        }
    }
    choice.chosen.iter().zip(&choice.candidates).map(|(at, candidates)| candidates[*at].column).collect()
}

impl Choice {
    fn new(master: &Master<'_, '_>, prices: &[f64]) -> Self {
        let rows = prices.len();
        let mut reached = vec![0; rows];
        for at in 0..master.grids().len() {
            master.reached(at).iter().for_each(|row| reached[*row] += 1);
        }
        let shared: Vec<usize> = (0..rows).filter(|row| reached[*row] > 1).collect();
        let of_campaign = |at: usize| {
            let mut all: Vec<(f64, Candidate)> = (0..master.count(at))
                .map(Some)
                .chain([None])
                .map(|column| {
                    let (gain, activity) =
                        column.map_or((0.0, Vec::new()), |column| master.brings(at, column));
                    let used = |row: usize| {
                        activity.binary_search_by_key(&row, |(row, _)| *row).map_or(0.0, |at| activity[at].1)
                    };
                    let worth = gain - activity.iter().map(|(row, used)| prices[*row] * used).sum::<f64>();
                    let own = master.reached(at).iter().filter(|row| reached[**row] == 1);
                    let own = own.map(|row| (*row, used(*row))).collect();
                    let shared = shared.iter().map(|row| used(*row)).collect();
                    (worth, Candidate { column, gain, shared, own })
                })
                .collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0));
            all.into_iter().map(|(_, candidate)| candidate).collect()
        };
        let candidates: Vec<Vec<Candidate>> = (0..master.grids().len()).map(of_campaign).collect();
        Choice { rows, shared, worth: Vec::new(), chosen: vec![0; candidates.len()], candidates }
    }

    fn present(&self, at: usize) -> &Candidate {
        &self.candidates[at][self.chosen[at]]
    }

    /// Activity in all rows.
    fn activity(&self) -> Vec<f64> {
        let mut activity = vec![0.0; self.rows];
        for at in 0..self.chosen.len() {
            let present = self.present(at);
            self.shared.iter().zip(&present.shared).for_each(|(row, used)| activity[*row] += used);
            present.own.iter().for_each(|(row, used)| activity[*row] += used);
        }
        activity
    }

    /// Takes the best change while one is better than things are.
    fn improve(&mut self, penalties: &Penalties<'_>) {
        let worth = |candidate: &Candidate| {
            let own = candidate.own.iter().map(|(row, used)| penalties.of(*row, *used));
            candidate.gain - own.sum::<f64>()
        };
        self.worth = self.candidates.iter().map(|all| all.iter().map(worth).collect()).collect();
        for _ in 0..CHANGES {
            let Some(change) = self.one(penalties).or_else(|| self.two(penalties)) else { break };
            change.into_iter().for_each(|(at, candidate)| self.chosen[at] = candidate);
        }
    }

    /// What the shared rows cost when campaigns are left out and candidates are put in.
    fn cost(&self, penalties: &Penalties<'_>, used: &[f64], more: [&[f64]; 2]) -> f64 {
        let rows = self.shared.iter().zip(used).enumerate();
        rows.map(|(at, (row, used))| {
            penalties.of(*row, used + more.iter().filter_map(|more| more.get(at)).sum::<f64>())
        })
        .sum()
    }

    /// Activity of the shared rows without some campaigns.
    fn without(&self, left_out: &[usize]) -> Vec<f64> {
        let others = (0..self.chosen.len()).filter(|at| !left_out.contains(at));
        others.fold(vec![0.0; self.shared.len()], |mut sum, at| {
            sum.iter_mut().zip(&self.present(at).shared).for_each(|(sum, used)| *sum += used);
            sum
        })
    }

    /// The best other candidate of one campaign.
    fn one(&self, penalties: &Penalties<'_>) -> Option<Vec<(usize, usize)>> {
        let mut best = (0.0, None);
        for at in 0..self.chosen.len() {
            let used = self.without(&[at]);
            let value = |candidate: usize| {
                let more = &self.candidates[at][candidate].shared;
                self.worth[at][candidate] - self.cost(penalties, &used, [more, &[]])
            };
            let now = value(self.chosen[at]);
            for candidate in 0..self.candidates[at].len() {
                let better = value(candidate) - now;
                if better > best.0 + 1e-9 * (1.0 + now.abs()) {
                    best = (better, Some(vec![(at, candidate)]));
                }
            }
        }
        best.1
    }

    /// The best other candidates of two campaigns.
    fn two(&self, penalties: &Penalties<'_>) -> Option<Vec<(usize, usize)>> {
        let mut best = (0.0, None);
        let tried = |at: usize| 0..self.candidates[at].len().min(PAIRED);
        for a in 0..self.chosen.len() {
            for b in a + 1..self.chosen.len() {
                let used = self.without(&[a, b]);
                let value = |in_a: usize, in_b: usize| {
                    let more = [self.candidates[a][in_a].shared.as_slice(), &self.candidates[b][in_b].shared];
                    self.worth[a][in_a] + self.worth[b][in_b] - self.cost(penalties, &used, more)
                };
                let now = value(self.chosen[a], self.chosen[b]);
                for in_a in tried(a) {
                    for in_b in tried(b) {
                        let better = value(in_a, in_b) - now;
                        if better > best.0 + 1e-9 * (1.0 + now.abs()) {
                            best = (better, Some(vec![(a, in_a), (b, in_b)]));
                        }
                    }
                }
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Program, Row, Term};

    /// Two campaigns under a budget of 10, each with a cheap and a dear schedule.
    fn choice(chosen: [usize; 2]) -> (Program, Choice) {
        let mut program = Program::new([0.0, 0.0, 0.0, 0.0, 1.0]);
        let budget = program.add_row(Row { upper: 10.0, ..Row::FREE });
        let group = program.add_group(vec![Term { row: budget, weights: [0.0, 0.0, 1.0, 0.0, 0.0] }]);
        program.add_ladder(false, &[(group, &[[0.0, 0.0, 10.0, 0.0, 30.0]])]);
        let candidate =
            |column, spend, gain| Candidate { column, gain, shared: vec![spend], own: Vec::new() };
        let of = |dear: f64| {
            vec![candidate(Some(0), 3.0, 9.0), candidate(Some(1), 7.0, dear), candidate(None, 0.0, 0.0)]
        };
        let candidates = vec![of(18.0), of(15.0)];
        let choice =
            Choice { rows: 1, shared: vec![0], candidates, worth: Vec::new(), chosen: chosen.to_vec() };
        (program, choice)
    }

    #[test]
    fn two_campaigns_change_together_where_neither_can_alone() {
        // The second is dear, and the budget is spent: the first cannot have more unless the second has less.
        let (program, mut choice) = choice([0, 1]);
        choice.improve(&Penalties::new(&program, &[3.0]));
        assert_eq!(choice.chosen, [1, 0]);
        assert_eq!(choice.activity(), [10.0]);
    }

    #[test]
    fn what_breaks_the_budget_is_given_up() {
        let (program, mut choice) = choice([1, 1]);
        choice.improve(&Penalties::new(&program, &[3.0]));
        assert_eq!(choice.chosen, [1, 0]);
    }
}
