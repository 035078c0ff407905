//! The commands of this repository: check, test, bench, dev.
fn main() {}
