//! The parts of a fit, each of which can be left out to measure what it is worth (`benches/play.rs`).

/// What takes part in a fit; everything, unless something is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Units lean on their campaign, campaigns on the channel; without, each level stands for itself.
    pub pooling: bool,
    /// Slopes are learned from changes within units; without, from differences between them too.
    pub within: bool,
    /// What days tell of slopes beyond hours is the operator's habit; without, it is an answer like any other.
    pub habit: bool,
    /// Positions known to lie between two are placed there by what other rows tell; without, in the middle.
    pub intervals: bool,
    /// Weekends have hours of their own.
    pub weekend_hours: bool,
    /// How fast answers fall off is learned; without, they are powers of bid and position.
    pub saturation: bool,
    /// Hours in which the money ran out are left out of volumes.
    pub exhausted: bool,
    /// Slots learn weekdays from the other channels.
    pub weekdays: bool,
    /// Units without history are like units like them.
    pub kin: bool,
    /// Other traffic rises while a slot is open.
    pub halo: bool,
    /// Promoters notice commissions late.
    pub delay: bool,
    /// Sales that are still filling in count by the share that is in, where that is known; without, they do not count.
    pub maturation: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Parts = Parts {
        pooling: true,
        within: true,
        habit: true,
        intervals: true,
        weekend_hours: true,
        saturation: true,
        exhausted: true,
        weekdays: true,
        kin: true,
        halo: true,
        delay: true,
        maturation: true,
    };
}
