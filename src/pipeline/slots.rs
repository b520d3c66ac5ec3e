//! Which slots the day is planned beside.
//!
//! A slot lifts the shop's other traffic while it runs, so ladders are built beside a set of slots that run, and their
//! program is right for that set alone. The best set is found by branch and bound. Of the slots with a halo a node has
//! some that run and some that stay out, and it is planned beside those that run and the undecided that lift:
//!
//! - no plan under the node can have more than its program: where a slot stays out there is less traffic, and shares
//!   that are as much smaller use and bring the same;
//! - if its optimum takes just these slots, it is the best of these plans;
//! - else one of the slots that differ is decided, either way.
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

/// The ground of the best set of slots, all of them decided, and the solution, whose bound holds for every set.
/// `visit` lays the ground with some decided, and solves on it.
///
/// # Errors
/// Those of `visit`.
pub(super) fn best<'a>(
    mut visit: impl FnMut(&[Decision]) -> Result<(Ground<'a>, Solved)>,
    limits: &Limits<'_>,
) -> Result<(Ground<'a>, Solved)> {
    let (mut root, mut solved) = visit(&[])?;
    // What was stopped, or cannot be met beside the most traffic, decides nothing.
    if solved.status != Status::Optimal {
        return Ok((root, solved));
    }
    let Some(slot) = root.other(&solved) else {
        root.settle();
        return Ok((root, solved));
    };
    let mut open = below(&root, &[], &solved, slot);
    // The slots that look best beside all others are a plan at least, and most often the best.
    open.push(Node { decided: root.taken(&solved), bound: solved.bound });
    let (mut found, mut worth, mut bound) = (root, f64::NEG_INFINITY, f64::NEG_INFINITY);
    let (mut nodes, mut iterations, mut unmet) = (1, solved.iterations, None);
    while let Some(at) = (0..open.len()).max_by(|a, b| open[*a].bound.total_cmp(&open[*b].bound)) {
        let node = open.swap_remove(at);
        if enough(node.bound, worth) || nodes >= NODES || limits.reached() {
            bound = bound.max(node.bound);
            break;
        }
        // What could not be solved is unknown; there is a plan without it.
        let Ok((mut ground, mut here)) = visit(&node.decided) else {
            bound = bound.max(node.bound);
            continue;
        };
        (nodes, iterations) = (nodes + 1, iterations + here.iterations);
        here.bound = here.bound.min(node.bound);
        match (here.status, ground.other(&here)) {
            (Status::Infeasible, _) => _ = unmet.get_or_insert((ground, here)),
            (Status::Stopped, _) => bound = bound.max(node.bound),
            (Status::Optimal, Some(slot)) => open.extend(below(&ground, &node.decided, &here, slot)),
            (Status::Optimal, None) => {
                bound = bound.max(here.bound);
                let its = ground.worth(&here);
                if its > worth {
                    ground.settle();
                    (found, solved, worth) = (ground, here, its);
                }
            }
        }
    }
    info!(nodes, worth, bound, "slots are taken with what they make of other traffic");
    if let Some(unmet) = unmet.filter(|_| bound == f64::NEG_INFINITY) {
        return Ok(unmet);
    }
    let status = if enough(bound, worth) { Status::Optimal } else { Status::Stopped };
    Ok((found, Solved { bound: bound.max(worth), status, iterations, ..solved }))
}

/// The nodes in which one more slot is decided.
fn below(ground: &Ground<'_>, decided: &[Decision], solved: &Solved, slot: u32) -> Vec<Node> {
    let node = |run: bool| {
        let decided = [decided, &[(slot, run)]].concat();
        let bound = ground.bound(solved, &decided).min(solved.bound);
        Node { decided, bound }
    };
    [true, false].map(node).into()
}
