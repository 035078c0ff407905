//! The vocabulary of Abacus without I/O: tasks, job ids, states, cursors, formats, and the kinds.
