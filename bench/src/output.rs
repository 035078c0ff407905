//! What is printed: results on standard output, the course of the measurement on standard error.

/// Prints a result.
#[expect(clippy::print_stdout, reason = "the one place where results are printed")]
pub(crate) fn print(text: &str) {
    println!("{}", text.trim_end());
}

/// Tells how far the measurement is, or what went wrong.
#[expect(clippy::print_stderr, reason = "the one place where the course is told")]
pub(crate) fn note(text: &str) {
    eprintln!("{}", text.trim_end());
}
