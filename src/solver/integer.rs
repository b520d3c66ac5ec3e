//! Branch and bound over the ladders that are taken as a whole (slots with a fee: few of them among
//! many of everything else).
//!
//! Every node is the relaxation with some of them decided; its prices prove the node's bound by the
//! certificate, not by the solver's word. Nodes are taken best bound first, so the first node whose
//! whole ladders are all whole is optimal.

use super::{Certificate, Decided, Limits, Solution, Solver, Status, certify};
use crate::program::Program;

/// Relative gap at which a plan counts as optimal.
pub const TOLERANCE: f64 = 1e-6;

/// The best point with whole ladders whole, and the proof.
#[derive(Debug, Clone)]
pub struct Best {
    /// How the search ended.
    pub status: Status,
    /// The point and the prices of its node; nothing when there is none.
    pub solution: Option<Solution>,
    /// Where the search was cut short before it had a point: the relaxation's, slots in parts, to be
    /// rounded by whoever can.
    pub fallback: Option<Solution>,
    /// Objective of the root's relaxation.
    pub relaxed: f64,
    /// Objective of the point.
    pub objective: f64,
    /// No point with whole ladders whole can have more.
    pub bound: f64,
    /// What was decided of the whole ladders.
    pub decided: Vec<Option<bool>>,
    /// Nodes solved.
    pub nodes: u64,
    /// Iterations over all nodes.
    pub iterations: u64,
}

struct Node {
    decided: Vec<Option<bool>>,
    bound: f64,
    /// Objective of its point.
    objective: f64,
    solution: Solution,
}

/// Finds the best point.
///
/// # Errors
/// A numerical failure of the solver at the root.
pub fn solve(program: &Program, solver: &dyn Solver, limits: &Limits<'_>) -> Result<Best, String> {
    solve_within(program, FREE, solver, limits)
}

/// Finds the best point with some whole ladders decided beforehand.
///
/// # Errors
/// A numerical failure of the solver at the root.
pub fn solve_within(
    program: &Program,
    decided: &Decided,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Best, String> {
    let ladders = 0..program.columns.ladders.len();
    let free: Vec<Option<bool>> = ladders.map(|ladder| decided.get(ladder).copied().flatten()).collect();
    let mut best = Best {
        status: Status::Infeasible,
        solution: None,
        fallback: None,
        relaxed: f64::NEG_INFINITY,
        objective: f64::NEG_INFINITY,
        bound: f64::INFINITY,
        decided: free.clone(),
        nodes: 0,
        iterations: 0,
    };
    // The best bound of nodes whose children could not all be solved: what they hide is unknown.
    let mut unknown = f64::NEG_INFINITY;
    let mut open: Vec<Node> = Vec::new();
    match visit(program, solver, limits, free, None, &mut best)? {
        (Status::Optimal, Some(node)) => {
            best.relaxed = node.objective;
            best.fallback = Some(node.solution.clone());
            open.push(node);
        }
        (status, _) => {
            best.status = status;
            return Ok(best);
        }
    }
    let enough = |bound: f64, value: f64| {
        bound == f64::NEG_INFINITY || bound <= value + TOLERANCE * value.abs().max(1.0)
    };
    best.bound = best.objective;
    while let Some(at) = best_of(&open) {
        let node = open.swap_remove(at);
        if enough(node.bound, best.objective) || limits.reached() {
            unknown = unknown.max(node.bound);
            break;
        }
        let Some(branch) = most_undecided(program, &node) else {
            if node.objective > best.objective {
                (best.objective, best.solution, best.decided) =
                    (node.objective, Some(node.solution), node.decided);
            }
            // Nothing under this node has more than its bound.
            best.bound = best.bound.max(node.bound);
            continue;
        };
        for take in [true, false] {
            let mut decided = node.decided.clone();
            decided[branch] = Some(take);
            let start = Some(node.solution.prices.as_slice());
            match visit(program, solver, limits, decided, start, &mut best) {
                Ok((Status::Optimal, Some(mut child))) => {
                    child.bound = child.bound.min(node.bound);
                    open.push(child);
                }
                Ok((Status::Infeasible, _)) => {}
                Ok(_) | Err(_) => unknown = unknown.max(node.bound),
            }
        }
    }
    best.bound = best.bound.max(unknown).max(best.objective);
    best.status = match best.solution {
        _ if !enough(unknown, best.objective) => Status::Stopped,
        Some(_) => Status::Optimal,
        None => Status::Infeasible,
    };
    if best.solution.is_some() || best.status != Status::Stopped {
        best.fallback = None;
    }
    Ok(best)
}

fn visit(
    program: &Program,
    solver: &dyn Solver,
    limits: &Limits<'_>,
    decided: Vec<Option<bool>>,
    start: Option<&[f64]>,
    best: &mut Best,
) -> Result<(Status, Option<Node>), String> {
    let solution = solver.solve(program, &decided, start, limits)?;
    best.nodes += 1;
    best.iterations += solution.iterations;
    if solution.status != Status::Optimal {
        return Ok((solution.status, None));
    }
    let Certificate { bound, objective, .. } = certify(program, &solution.x, &solution.prices, &decided);
    tracing::debug!(bound, seconds = solution.seconds, iterations = solution.iterations, "node");
    Ok((Status::Optimal, Some(Node { decided, bound, objective, solution })))
}

fn best_of(open: &[Node]) -> Option<usize> {
    (0..open.len()).max_by(|a, b| open[*a].bound.total_cmp(&open[*b].bound))
}

/// The whole ladder furthest from whole; none when all are whole within 1e-6.
fn most_undecided(program: &Program, node: &Node) -> Option<usize> {
    let fraction = |ladder: usize| {
        let used: f64 = node.solution.x[program.columns.ladders[ladder].columns.clone()].iter().sum();
        used.min(1.0 - used)
    };
    (0..program.columns.ladders.len())
        .filter(|ladder| program.columns.ladders[*ladder].whole && node.decided[*ladder].is_none())
        .map(|ladder| (ladder, fraction(ladder)))
        .filter(|(_, fraction)| *fraction > 1e-6)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(ladder, _)| ladder)
}

/// Decides nothing.
pub const FREE: &Decided = &[];
