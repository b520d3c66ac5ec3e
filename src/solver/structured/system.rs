//! The Newton system over the rows' prices: a symmetric matrix, gathered by group, solved with the rows
//! that never meet eliminated first.
//!
//! Thousands of rows may each bound a part of their own. No two of them share a ladder, so
//! their block of the matrix is diagonal; with such rows first it is
//!
//! ```text
//! | D   Bᵀ |      D diagonal (own rows), C dense (the rest)
//! | B   C  |      C − B D⁻¹ Bᵀ  is what is left to factor (Schur complement)
//! ```
//!
//! B is sparse: such a row meets only the few that bound what its part belongs to.

use super::dual::Moments;
use super::lanes::{Eight, dispatched};
use crate::program::{Program, Weights};

/// Rows below which everything is dense.
const DENSE: usize = 48;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// Among the rows that meet no other of their kind.
    Own(u32),
    Rest(u32),
}

/// Which rows meet, and where their entries stand: fixed for a program.
pub struct Pattern {
    places: Vec<Place>,
    rest: usize,
    /// For each own row the rest rows that it meets, rising; and the offset of its entries.
    touches: Vec<(usize, Vec<u32>)>,
    /// Offset of the dense block.
    dense: usize,
    /// Numbers in all.
    length: usize,
    /// For each group, the offsets of the entries of all pairs of its terms.
    targets: Vec<Vec<u32>>,
    /// Weights of each group's terms over the kept measures, with their rows.
    pub terms: Vec<Vec<(usize, Weights)>>,
}

impl Pattern {
    /// The pattern of a program whose special ladders touch these rows.
    pub fn new<'a>(
        program: &Program,
        special: impl Iterator<Item = &'a [(usize, Vec<f64>)]> + Clone,
    ) -> Self {
        let rows = program.rows.len();
        let words = rows.div_ceil(64);
        let mut meets = vec![0u64; rows * words];
        let mut meet = |all: &mut dyn Iterator<Item = usize>| {
            let all: Vec<usize> = all.collect();
            for a in &all {
                for b in &all {
                    meets[a * words + b / 64] |= 1 << (b % 64);
                }
            }
        };
        program.groups.iter().for_each(|terms| meet(&mut terms.iter().map(|term| term.row)));
        special.for_each(|entries| meet(&mut entries.iter().map(|(row, _)| *row)));
        let of = |row: usize| &meets[row * words..(row + 1) * words];
        let met = |row: usize| of(row).iter().map(|word| word.count_ones()).sum::<u32>();
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by_key(|row| (met(*row), *row));
        // Greedy: rows that meet the fewest others first.
        let (mut own, mut taken) = (Vec::new(), vec![0u64; words]);
        for row in order {
            if rows > DENSE && of(row).iter().zip(&taken).all(|(a, b)| a & b == 0) {
                taken[row / 64] |= 1 << (row % 64);
                own.push(row);
            }
        }
        let mut places = vec![Place::Rest(0); rows];
        own.iter().enumerate().for_each(|(at, row)| places[*row] = Place::Own(at as u32));
        let mut rest = 0;
        for place in places.iter_mut().filter(|place| matches!(place, Place::Rest(_))) {
            *place = Place::Rest(rest);
            rest += 1;
        }
        let mut length = own.len();
        let touches = own
            .iter()
            .map(|row| {
                let touched: Vec<u32> = (0..rows)
                    .filter(|other| of(*row)[other / 64] >> (other % 64) & 1 == 1)
                    .filter_map(|other| match places[other] {
                        Place::Rest(at) => Some(at),
                        Place::Own(_) => None,
                    })
                    .collect();
                let offset = length;
                length += touched.len();
                (offset, touched)
            })
            .collect();
        let rest = rest as usize;
        let (dense, length) = (length, length + rest * rest);
        let terms = program
            .groups
            .iter()
            .map(|terms| {
                terms.iter().map(|term| (term.row, program.columns.compact(&term.weights))).collect()
            })
            .collect();
        let mut pattern = Pattern { places, rest, touches, dense, length, targets: Vec::new(), terms };
        pattern.targets = pattern
            .terms
            .iter()
            .map(|terms| {
                let pairs = (0..terms.len()).flat_map(|a| (0..=a).map(move |b| (a, b)));
                pairs.map(|(a, b)| pattern.target(terms[a].0, terms[b].0) as u32).collect()
            })
            .collect();
        pattern
    }

    /// Where the entry of two rows stands.
    fn target(&self, a: usize, b: usize) -> usize {
        match (self.places[a], self.places[b]) {
            (Place::Own(a), Place::Own(_)) => a as usize,
            (Place::Own(own), Place::Rest(rest)) | (Place::Rest(rest), Place::Own(own)) => {
                let (offset, touched) = &self.touches[own as usize];
                offset + touched.binary_search(&rest).unwrap_or(0)
            }
            (Place::Rest(a), Place::Rest(b)) => {
                let (low, high) = (a.min(b) as usize, a.max(b) as usize);
                self.dense + high * self.rest + low
            }
        }
    }

    /// Adds up activities of rows from what groups bring of the kept measures.
    pub fn activity(&self, sums: impl Fn(usize) -> Option<Weights>, activity: &mut [f64]) {
        for (group, terms) in self.terms.iter().enumerate() {
            if let Some(sums) = sums(group) {
                for (row, weights) in terms {
                    activity[*row] += weights.iter().zip(&sums).map(|(a, b)| a * b).sum::<f64>();
                }
            }
        }
    }
}

/// A symmetric matrix over the rows.
pub struct System<'a> {
    pattern: &'a Pattern,
    entries: Vec<f64>,
}

impl<'a> System<'a> {
    /// Zeros.
    pub fn new(pattern: &'a Pattern) -> Self {
        System { pattern, entries: vec![0.0; pattern.length] }
    }

    /// Sets all entries to zero.
    pub fn clear(&mut self) {
        self.entries.fill(0.0);
    }

    /// Adds a group's second moments: the upper triangle by rows over `slots` measures.
    pub fn add_group(&mut self, group: usize, slots: usize, second: &[f64]) {
        let terms = &self.pattern.terms[group];
        let mut targets = self.pattern.targets[group].iter();
        for (a, (_, weights)) in terms.iter().enumerate() {
            let mut bent = [0.0; crate::program::MEASURES];
            let mut pair = 0;
            for i in 0..slots {
                bent[i] += second[pair] * weights[i];
                pair += 1;
                for j in i + 1..slots {
                    bent[i] += second[pair] * weights[j];
                    bent[j] += second[pair] * weights[i];
                    pair += 1;
                }
            }
            for ((_, other), target) in terms[..=a].iter().zip(&mut targets) {
                self.entries[*target as usize] +=
                    bent[..slots].iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
            }
        }
    }

    /// Adds all groups' second moments.
    pub fn add_moments(&mut self, moments: &Moments) {
        let width = Moments::width(moments.slots);
        for (group, of) in moments.of.chunks_exact(width).enumerate() {
            if of[1..].iter().any(|of| *of != 0.0) {
                self.add_group(group, moments.slots, &of[1 + moments.slots..]);
            }
        }
    }

    /// Adds factor · (Σ_j p_j a_j a_jᵀ − (Σ_j p_j a_j)(Σ_j p_j a_j)ᵀ) for a ladder's entries by row.
    pub fn add_covariance(&mut self, entries: &[(usize, Vec<f64>)], shares: &[f64], factor: f64) {
        let means: Vec<f64> = entries.iter().map(|(_, of)| super::special::dot(of, shares)).collect();
        for (at, (row, a)) in entries.iter().enumerate() {
            let weighed: Vec<f64> = a.iter().zip(shares).map(|(a, share)| a * share).collect();
            for ((other, b), mean) in entries[..=at].iter().zip(&means) {
                let covariance = super::special::dot(&weighed, b) - means[at] * mean;
                self.entries[self.pattern.target(*row, *other)] += factor * covariance;
            }
        }
    }

    /// Diagonal entry of a row.
    pub fn diagonal(&self, row: usize) -> f64 {
        self.entries[self.pattern.target(row, row)]
    }

    /// Factors the matrix with `extra[row]` added to the diagonal, over the rows where `extra` is finite:
    /// the others are held. Nothing where there are numbers that are none.
    pub fn factor(&self, extra: &[f64]) -> Option<Factor<'a>> {
        let pattern = self.pattern;
        let mut own = vec![f64::INFINITY; pattern.touches.len()];
        let mut at = vec![usize::MAX; pattern.rest];
        let mut dense_extra = Vec::new();
        for (place, extra) in pattern.places.iter().zip(extra).filter(|(_, extra)| extra.is_finite()) {
            match place {
                Place::Own(row) => own[*row as usize] = self.entries[*row as usize] + extra,
                Place::Rest(row) => {
                    at[*row as usize] = dense_extra.len();
                    dense_extra.push(*extra);
                }
            }
        }
        let n = dense_extra.len();
        let free: Vec<usize> = (0..pattern.rest).filter(|row| at[*row] != usize::MAX).collect();
        let mut dense = vec![0.0; n * n];
        for (i, a) in free.iter().enumerate() {
            let from = &self.entries[pattern.dense + a * pattern.rest..];
            for (j, b) in free[..=i].iter().enumerate() {
                dense[i * n + j] = from[*b];
            }
            dense[i * n + i] += dense_extra[i];
        }
        for (own, (offset, touched)) in own.iter().zip(&pattern.touches) {
            if own.is_infinite() {
                continue;
            }
            if own.is_nan() || *own <= 0.0 {
                return None;
            }
            let values = &self.entries[*offset..offset + touched.len()];
            let met: Vec<(usize, f64)> = touched
                .iter()
                .zip(values)
                .filter(|(row, value)| at[**row as usize] != usize::MAX && **value != 0.0)
                .map(|(row, value)| (at[*row as usize], *value))
                .collect();
            for (index, (i, a)) in met.iter().enumerate() {
                let (row, a) = (&mut dense[i * n..(i + 1) * n], a / own);
                met[..=index].iter().for_each(|(j, b)| row[*j] -= a * b);
            }
        }
        let factored = cholesky(&mut dense, n);
        factored.then(|| Factor { pattern, cross: self.entries[..pattern.dense].to_vec(), own, at, n, dense })
    }
}

/// A factored matrix.
pub struct Factor<'a> {
    pattern: &'a Pattern,
    cross: Vec<f64>,
    own: Vec<f64>,
    at: Vec<usize>,
    n: usize,
    dense: Vec<f64>,
}

impl Factor<'_> {
    /// Solves for a right-hand side by row, in place; zero on rows that are held.
    pub fn solve(&self, right: &mut [f64]) {
        let mut own = vec![0.0; self.own.len()];
        let mut dense = vec![0.0; self.n];
        for (place, right) in self.pattern.places.iter().zip(right.iter()) {
            match place {
                Place::Own(row) => own[*row as usize] = *right,
                Place::Rest(row) if self.at[*row as usize] != usize::MAX => {
                    dense[self.at[*row as usize]] = *right;
                }
                Place::Rest(_) => {}
            }
        }
        let met = |offset: usize, touched: &'_ [u32]| {
            let values = &self.cross[offset..offset + touched.len()];
            let pairs = touched.iter().zip(values).map(|(row, value)| (self.at[*row as usize], *value));
            pairs.filter(|(at, _)| *at != usize::MAX).collect::<Vec<_>>()
        };
        for ((right, diagonal), (offset, touched)) in own.iter_mut().zip(&self.own).zip(&self.pattern.touches)
        {
            *right /= diagonal;
            if *right != 0.0 {
                met(*offset, touched).iter().for_each(|(at, value)| dense[*at] -= value * *right);
            }
        }
        let n = self.n;
        for i in 0..n {
            let (known, row) = (&dense[..i], &self.dense[i * n..]);
            let sum = inner(&row[..i], known);
            dense[i] = (dense[i] - sum) / row[i];
        }
        for i in (0..n).rev() {
            let solved = dense[i] / self.dense[i * n + i];
            dense[i] = solved;
            let row = &self.dense[i * n..i * n + i];
            dense[..i].iter_mut().zip(row).for_each(|(dense, factor)| *dense -= factor * solved);
        }
        for ((own, diagonal), (offset, touched)) in own.iter_mut().zip(&self.own).zip(&self.pattern.touches) {
            if diagonal.is_finite() {
                *own -= met(*offset, touched).iter().map(|(at, value)| dense[*at] * value).sum::<f64>()
                    / diagonal;
            }
        }
        for (place, right) in self.pattern.places.iter().zip(right.iter_mut()) {
            *right = match place {
                Place::Own(row) => own[*row as usize],
                Place::Rest(row) => dense.get(self.at[*row as usize]).copied().unwrap_or(0.0),
            };
        }
    }
}

dispatched! {
    /// Cholesky factor in the lower triangle, in place, rows of length n; false for numbers that are none.
    fn cholesky(matrix: &mut [f64], n: usize) -> bool => cholesky_any
}

#[inline(always)]
fn cholesky_any<E: Eight>(matrix: &mut [f64], n: usize) -> bool {
    for i in 0..n {
        let (above, row) = matrix.split_at_mut(i * n);
        for j in 0..i {
            let other = &above[j * n..];
            row[j] = (row[j] - inner_any::<E>(&row[..j], &other[..j])) / other[j];
        }
        let pivot = row[i];
        let left = pivot - inner_any::<E>(&row[..i], &row[..i]);
        if !left.is_finite() {
            return false;
        }
        // What rounding leaves of a row that depends on others is no curvature: no step along it.
        row[i] = if left > 1e-14 * pivot { left.sqrt() } else { 1e100 };
    }
    true
}

dispatched! {
    fn inner(a: &[f64], b: &[f64]) -> f64 => inner_any
}

/// Σ a·b in eight sums, so that registers can hold several.
#[inline(always)]
fn inner_any<E: Eight>(a: &[f64], b: &[f64]) -> f64 {
    let (mut sums, split) = ([0.0f64; 16], a.len() / 16 * 16);
    for (a, b) in a[..split].chunks_exact(16).zip(b[..split].chunks_exact(16)) {
        for lane in 0..16 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a[split..].iter().zip(&b[split..]).map(|(a, b)| a * b).sum();
    rest + sums.iter().sum::<f64>()
}
