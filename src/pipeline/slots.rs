//! Which slots the day is planned beside.
//!
//! A slot lifts the shop's other traffic while it runs, so ladders are built beside a set of slots that run, and their
//! program is right for that set alone. The best set is found by branch and bound. Of the slots with a halo a node has
//! some that run and some that stay out, and it is planned beside those that run and the undecided that lift, the
//! undecided in parts:
//!
//! - no plan under the node can have more than its program: where a slot stays out there is less traffic, and shares
//!   that are as much smaller use and bring the same;
//! - if its optimum takes just these slots, and whole, their own plan is the best of these;
//! - else one of the slots that differ is decided, either way; of those whose other way cannot beat the best plan so
//!   far, by the node's prices, all at once.
//!
//! What is left in the end is one set, and nodes that cover all others, each with the prices that rule it out. Where a
//! bound has moved, the next search begins there: at once there is a plan with the same slots, and mostly the same
//! prices still rule all others out, by a pass over the columns each and without a solve.
//!
//! (`models/formulation.md` §2)

use std::sync::Arc;

use tracing::info;

use super::day::Solved;
use super::ground::Ground;
use crate::error::{Error, Result};
use crate::solver::{Limits, Status, integer};

/// Nodes that are solved at most; what is left then stays in the bound.
const NODES: usize = 64;
/// Nodes that a search may begin with; with more it begins at the root.
const COVER: usize = 12;

/// A slot that runs, or stays out.
pub(super) type Decision = (u32, bool);

/// Slots that are decided, by slot, and what no plan under them can exceed by some prices.
#[derive(Debug, Clone)]
struct Node {
    decided: Vec<Decision>,
    bound: f64,
    /// The prices, and what is decided on the ground that they are of; nothing where none tell.
    by: Option<(Vec<Decision>, Arc<Vec<f64>>)>,
}

/// The best set of slots.
pub(super) struct Found<'a> {
    /// The ground, all slots decided.
    pub(super) ground: Ground<'a>,
    /// The solution; its bound holds for every set.
    pub(super) solved: Solved,
    /// How the next search begins.
    pub(super) proof: Proof,
}

/// A set of slots that was best, and why no other was better.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    /// What was decided on the ground of the solution: all slots; none, where the first optimum was whole and took just
    /// the slots that it counts on.
    decided: Vec<Decision>,
    others: Vec<Node>,
}

impl Proof {
    /// What no set of slots can exceed, where its own cannot exceed `own`.
    fn bound(&self, own: f64) -> f64 {
        self.others.iter().map(|node| node.bound).fold(own, f64::max)
    }
}

/// Lays the ground with some slots decided.
pub(super) trait Visit<'a> {
    /// The ground alone.
    fn lay(&mut self, decisions: &[Decision]) -> Ground<'a>;

    /// The ground and its optimum: slots whole where all that make something of other traffic are decided, else in parts.
    ///
    /// # Errors
    /// A numerical failure of the solver.
    fn solve(&mut self, decisions: &[Decision]) -> Result<(Ground<'a>, Solved)>;
}

/// Whether a bound is as good as met.
fn enough(bound: f64, worth: f64) -> bool {
    bound <= worth + integer::TOLERANCE * worth.abs().max(1.0)
}

/// A search under way.
struct Search<'a, 'v> {
    visit: &'v mut dyn Visit<'a>,
    open: Vec<Node>,
    /// Nodes that are ruled out.
    closed: Vec<Node>,
    /// The best plan so far, what it has, and its decisions.
    found: Option<(Ground<'a>, Solved, Vec<Decision>)>,
    worth: f64,
    /// What nothing that is done with can exceed.
    bound: f64,
    /// A node without a plan.
    unmet: Option<(Ground<'a>, Solved)>,
    /// Sets of slots whose plan was looked at.
    tried: Vec<Vec<Decision>>,
    nodes: usize,
    iterations: u64,
}

/// The best set of slots. A search begins at the `last` one's proof, if there is one; `so_far` is told of a plan with the
/// slots of that one before it is known whether others are better.
///
/// # Errors
/// Those of `visit`.
pub(super) fn best<'a>(
    visit: &mut dyn Visit<'a>,
    last: Option<&Proof>,
    so_far: &mut dyn FnMut(&Ground<'a>, &Solved),
    limits: &Limits<'_>,
) -> Result<Found<'a>> {
    let own = |last: &&Proof| !last.decided.is_empty();
    if let Some(last) = last.filter(own)
        && visit.lay(&[]).counted() != last.decided
    {
        let mut search = Search::new(visit);
        search.leaf(last.decided.clone(), f64::INFINITY);
        if let Some((ground, solved, _)) = &search.found {
            so_far(ground, solved);
            search.reopen(&last.others);
            search.exhaust(limits);
            if let Some(found) = search.end(None) {
                return Ok(found);
            }
        }
    }
    let (mut root, solved) = visit.solve(&[])?;
    // What was stopped, or cannot be met beside the most traffic, decides nothing.
    let ended = solved.status != Status::Optimal;
    if ended || root.stands(&solved) {
        if !ended {
            root.settle();
        }
        let proof = Proof { decided: Vec::new(), others: Vec::new() };
        return Ok(Found { ground: root, solved, proof });
    }
    let mut search = Search::new(visit);
    (search.nodes, search.iterations) = (1, solved.iterations);
    // The slots that look best beside all others are a plan at least, and most often the best.
    search.leaf(root.taken(&solved), solved.bound);
    search.divide(&root, &[], &solved);
    search.exhaust(limits);
    let end = search.end(Some((root, solved)));
    end.ok_or_else(|| Error::Internal("a search among sets of slots ended without any".into()))
}

impl<'a, 'v> Search<'a, 'v> {
    fn new(visit: &'v mut dyn Visit<'a>) -> Self {
        Search {
            visit,
            open: Vec::new(),
            closed: Vec::new(),
            found: None,
            worth: f64::NEG_INFINITY,
            bound: f64::NEG_INFINITY,
            unmet: None,
            tried: Vec::new(),
            nodes: 0,
            iterations: 0,
        }
    }

    /// Opens the nodes that another search ended with, by their own prices.
    fn reopen(&mut self, others: &[Node]) {
        if others.len() > COVER {
            self.open.push(Node { decided: Vec::new(), bound: f64::INFINITY, by: None });
            return;
        }
        let mut grounds: Vec<(Vec<Decision>, Ground<'a>)> = Vec::new();
        for node in others {
            let mut node = node.clone();
            node.bound = f64::INFINITY;
            if let Some((on, prices)) = &node.by {
                let known = grounds.iter().position(|(of, _)| of == on);
                let at = known.unwrap_or_else(|| {
                    grounds.push((on.clone(), self.visit.lay(on)));
                    grounds.len() - 1
                });
                node.bound = grounds[at].1.bound(prices, &node.decided);
            }
            self.open.push(node);
        }
    }

    /// Looks at what is open until nothing there can be better than the best plan so far.
    fn exhaust(&mut self, limits: &Limits<'_>) {
        while let Some(node) = self.next() {
            if enough(node.bound, self.worth) || self.nodes >= NODES || limits.reached() {
                self.bound = self.bound.max(node.bound);
                self.closed.push(node);
                self.closed.append(&mut self.open);
                return;
            }
            if !self.tried.contains(&node.decided) {
                self.look(node);
            }
        }
    }

    /// The best set, unless it is better told by the root; without any, what there is.
    fn end(self, root: Option<(Ground<'a>, Solved)>) -> Option<Found<'a>> {
        let Search { visit, found, worth, bound, unmet, nodes, iterations, closed, .. } = self;
        let ended = |bound: f64| {
            info!(nodes, worth, bound, "slots are taken with what they make of other traffic");
            if enough(bound, worth) { Status::Optimal } else { Status::Stopped }
        };
        if let Some((ground, solved, decided)) = found {
            // Where just those are taken that the root counts on, its own optimum may stand for them.
            if root.is_none() && visit.lay(&[]).counted() == decided {
                return None;
            }
            let others = closed.into_iter().filter(|node| node.decided != decided).collect();
            let proof = Proof { decided, others };
            let bound = proof.bound(solved.bound);
            let solved = Solved { bound: bound.max(worth), status: ended(bound), iterations, ..solved };
            return Some(Found { ground, solved, proof });
        }
        let status = ended(bound);
        let (ground, solved) = match unmet.filter(|_| bound == f64::NEG_INFINITY) {
            Some(unmet) => unmet,
            None => root.map(|(ground, solved)| (ground, Solved { bound, status, iterations, ..solved }))?,
        };
        Some(Found { ground, solved, proof: Proof { decided: Vec::new(), others: Vec::new() } })
    }

    /// The open node that promises most.
    fn next(&mut self) -> Option<Node> {
        let best = (0..self.open.len()).max_by(|a, b| self.open[*a].bound.total_cmp(&self.open[*b].bound))?;
        Some(self.open.swap_remove(best))
    }

    /// Solves a node in which all slots are decided, unless it was.
    fn leaf(&mut self, decided: Vec<Decision>, bound: f64) {
        if !self.tried.contains(&decided) {
            self.look(Node { decided, bound, by: None });
        }
    }

    /// Solves a node.
    fn look(&mut self, node: Node) {
        self.tried.push(node.decided.clone());
        // What could not be solved is unknown; there may be a plan without it.
        let Ok((ground, mut here)) = self.visit.solve(&node.decided) else {
            self.bound = self.bound.max(node.bound);
            self.closed.push(Node { by: None, ..node });
            return;
        };
        (self.nodes, self.iterations) = (self.nodes + 1, self.iterations + here.iterations);
        here.bound = here.bound.min(node.bound);
        match here.status {
            Status::Infeasible => {
                self.unmet.get_or_insert((ground, here));
                // There may be a plan where bounds stand elsewhere.
                self.closed.push(Node { by: None, bound: f64::NEG_INFINITY, ..node });
            }
            Status::Stopped => {
                self.bound = self.bound.max(node.bound);
                self.closed.push(Node { by: None, ..node });
            }
            Status::Optimal if ground.open() && !ground.stands(&here) => {
                self.divide(&ground, &node.decided, &here)
            }
            Status::Optimal if ground.open() => {
                self.bound = self.bound.max(here.bound);
                let others = ground.otherwise(&here, &node.decided).into_iter();
                let others =
                    others.map(|(one, bound)| self::other(one, bound.min(here.bound), &node.decided, &here));
                self.closed.extend(others);
                self.leaf(ground.taken(&here), here.bound);
            }
            Status::Optimal => {
                self.bound = self.bound.max(here.bound);
                if here.objective > self.worth {
                    self.worth = here.objective;
                    if let Some((_, before, decided)) = self.found.replace((ground, here, node.decided)) {
                        self.closed.push(ruled_out(&decided, &before));
                    }
                    if let Some((ground, ..)) = &mut self.found {
                        ground.settle();
                    }
                } else {
                    self.closed.push(ruled_out(&node.decided, &here));
                }
            }
        }
    }

    /// Opens the nodes in which more is decided than in one that was solved.
    fn divide(&mut self, ground: &Ground<'_>, before: &[Decision], solved: &Solved) {
        let mut decided = before.to_vec();
        for (one, bound) in ground.otherwise(solved, before) {
            if enough(bound, self.worth) {
                self.closed.push(other(one, bound, before, solved));
                decided.push(one);
            }
        }
        decided.sort_unstable();
        let by = Some((before.to_vec(), Arc::new(solved.prices.clone())));
        match ground.next(solved, &decided).filter(|(_, differs)| *differs || decided.len() == before.len()) {
            None => self.open.push(Node { decided, bound: solved.bound, by }),
            Some((slot, _)) => self.open.extend([true, false].map(|run| {
                let mut decided = [&decided[..], &[(slot, run)]].concat();
                decided.sort_unstable();
                let bound = ground.bound(&solved.prices, &decided).min(solved.bound);
                Node { decided, bound, by: by.clone() }
            })),
        }
    }
}

/// The node in which one slot is not as a solution has it; `before` are the decisions on the solution's ground.
fn other((slot, run): Decision, bound: f64, before: &[Decision], solved: &Solved) -> Node {
    let mut decided = [before, &[(slot, !run)]].concat();
    decided.sort_unstable();
    Node { decided, bound, by: Some((before.to_vec(), Arc::new(solved.prices.clone()))) }
}

/// A set of slots whose best plan is known.
fn ruled_out(decided: &[Decision], solved: &Solved) -> Node {
    let by = Some((decided.to_vec(), Arc::new(solved.prices.clone())));
    Node { decided: decided.to_vec(), bound: solved.bound, by }
}
