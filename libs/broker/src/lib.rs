//! The broker: queue, results and notices behind one trait, with its promises as a test suite.
