//! Which slots the day is planned beside.
//!
//! A slot lifts the shop's other traffic while it runs, so ladders are built beside a set of slots that run, and their
//! program is right for that set alone. The best set is found by branch and bound. Of the slots with a halo a node has
//! some that run and some that stay out, and it is planned beside those that run and the undecided that lift:
//!
//! - no plan under the node can have more than its program: where a slot stays out there is less traffic, and shares
//!   that are as much smaller use and bring the same;
//! - if its optimum takes just these slots, it is the best of these plans;
//! - else one of the slots that differ is decided, either way; of those whose other way cannot beat the best plan so
//!   far, by the node's prices, all at once.
//!
//! (`models/formulation.md` §2)

use tracing::info;

use super::day::Solved;
use super::ground::Ground;
use crate::error::Result;
use crate::solver::{Limits, Status, integer};

/// Nodes that are solved at most; what is left then stays in the bound.
const NODES: usize = 64;

/// A slot that runs, or stays out.
pub(super) type Decision = (u32, bool);

/// Slots that are decided, and what no plan under them can exceed.
struct Node {
    decided: Vec<Decision>,
    bound: f64,
}

/// Whether a bound is as good as met.
fn enough(bound: f64, worth: f64) -> bool {
    bound <= worth + integer::TOLERANCE * worth.abs().max(1.0)
}

/// A search under way.
struct Search<'a> {
    open: Vec<Node>,
    /// The best plan so far, and what it has.
    found: Option<(Ground<'a>, Solved)>,
    worth: f64,
    /// What nothing that is done with can exceed.
    bound: f64,
    /// A node without a plan.
    unmet: Option<(Ground<'a>, Solved)>,
    nodes: usize,
    iterations: u64,
}

/// The ground of the best set of slots, all of them decided, and the solution, whose bound holds for every set.
/// `visit` lays the ground with some decided, and solves on it.
///
/// # Errors
/// Those of `visit`.
pub(super) fn best<'a>(
    mut visit: impl FnMut(&[Decision]) -> Result<(Ground<'a>, Solved)>,
    limits: &Limits<'_>,
) -> Result<(Ground<'a>, Solved)> {
    let (mut root, solved) = visit(&[])?;
    // What was stopped, or cannot be met beside the most traffic, decides nothing.
    if solved.status != Status::Optimal {
        return Ok((root, solved));
    }
    if root.other(&solved).is_none() {
        root.settle();
        return Ok((root, solved));
    }
    let mut search = Search {
        open: Vec::new(),
        found: None,
        worth: f64::NEG_INFINITY,
        bound: f64::NEG_INFINITY,
        unmet: None,
        nodes: 1,
        iterations: solved.iterations,
    };
    // The slots that look best beside all others are a plan at least, and most often the best.
    let taken = root.taken(&solved);
    search.look(Node { decided: taken.clone(), bound: solved.bound }, &mut visit);
    search.divide(&root, &[], &solved);
    while let Some(node) = search.next() {
        if enough(node.bound, search.worth) || search.nodes >= NODES || limits.reached() {
            search.bound = search.bound.max(node.bound);
            break;
        }
        let again = node.decided.len() == taken.len() && node.decided.iter().all(|one| taken.contains(one));
        if !again {
            search.look(node, &mut visit);
        }
    }
    let Search { found, worth, bound, unmet, nodes, iterations, .. } = search;
    info!(nodes, worth, bound, "slots are taken with what they make of other traffic");
    if let Some(unmet) = unmet.filter(|_| bound == f64::NEG_INFINITY) {
        return Ok(unmet);
    }
    let status = if enough(bound, worth) { Status::Optimal } else { Status::Stopped };
    let (ground, solved) = found.unwrap_or((root, solved));
    Ok((ground, Solved { bound: bound.max(worth), status, iterations, ..solved }))
}

impl<'a> Search<'a> {
    /// The open node that promises most.
    fn next(&mut self) -> Option<Node> {
        let best = (0..self.open.len()).max_by(|a, b| self.open[*a].bound.total_cmp(&self.open[*b].bound))?;
        Some(self.open.swap_remove(best))
    }

    /// Solves a node.
    fn look(&mut self, node: Node, visit: &mut impl FnMut(&[Decision]) -> Result<(Ground<'a>, Solved)>) {
        // What could not be solved is unknown; there is a plan without it.
        let Ok((mut ground, mut here)) = visit(&node.decided) else {
            self.bound = self.bound.max(node.bound);
            return;
        };
        (self.nodes, self.iterations) = (self.nodes + 1, self.iterations + here.iterations);
        here.bound = here.bound.min(node.bound);
        match (here.status, ground.other(&here)) {
            (Status::Infeasible, _) => _ = self.unmet.get_or_insert((ground, here)),
            (Status::Stopped, _) => self.bound = self.bound.max(node.bound),
            (Status::Optimal, Some(_)) => self.divide(&ground, &node.decided, &here),
            (Status::Optimal, None) => {
                self.bound = self.bound.max(here.bound);
                let worth = here.objective;
                if worth > self.worth {
                    ground.settle();
                    (self.found, self.worth) = (Some((ground, here)), worth);
                }
            }
        }
    }

    /// Opens the nodes in which more is decided than in one that was solved.
    fn divide(&mut self, ground: &Ground<'_>, decided: &[Decision], solved: &Solved) {
        let otherwise = ground.otherwise(solved, decided).into_iter();
        let sure = otherwise.filter(|(_, bound)| enough(*bound, self.worth)).map(|(one, _)| one);
        let decided: Vec<Decision> = decided.iter().copied().chain(sure).collect();
        let mut differ = ground.differ(solved);
        differ.retain(|slot| decided.iter().all(|(other, _)| other != slot));
        match differ.first() {
            None => self.open.push(Node { decided, bound: solved.bound }),
            Some(slot) => self.open.extend([true, false].map(|run| {
                let decided = [&decided[..], &[(*slot, run)]].concat();
                Node { bound: ground.bound(solved, &decided).min(solved.bound), decided }
            })),
        }
    }
}
