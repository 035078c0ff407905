//! The whole of Abacus in one process on the embedded broker.
fn main() {}
