//! One test binary: everything is tried through the crate's public face.

mod conformance;
mod dense;
mod property;
