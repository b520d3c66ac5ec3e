//! The people of the display audiences: how often they have seen us today.

use super::shop;

/// Impressions of the day so far, by audience.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    people: f64,
    overlap: f64,
    seen: Vec<f64>,
}

impl Crowd {
    /// The morning of a day: nobody has seen us yet.
    pub fn new(spec: &shop::Display) -> Self {
        Crowd { people: spec.people, overlap: spec.overlap, seen: vec![0.0; spec.audiences.len()] }
    }

    /// An audience sees us.
    pub fn sees(&mut self, audience: usize, impressions: f64) {
        self.seen[audience] += impressions;
    }

    /// How often a person of an audience has seen us: there, and as one of the other audiences.
    pub fn frequency(&self, audience: usize) -> f64 {
        let all: f64 = self.seen.iter().sum();
        let own = self.seen[audience];
        (own + self.overlap * (all - own)) / self.people.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_audiences_count_as_far_as_they_overlap() {
        let spec = shop::Display { people: 100.0, overlap: 0.25, ..Default::default() };
        let mut crowd = Crowd::new(&spec);
        crowd.sees(0, 300.0);
        crowd.sees(1, 40.0);
        assert_eq!((crowd.frequency(0), crowd.frequency(1), crowd.frequency(2)), (3.1, 1.15, 0.85));
    }
}
