//! What is asked.

/// A question that has one right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// The n-th Fibonacci number.
    Fibonacci(u64),
    /// The factorial of n.
    Factorial(u64),
    /// The number of ways to choose the second of the first.
    Binomial(u64, u64),
    /// The first to the power of the second.
    Power(u64, u64),
    /// The product of two integers of this many digits.
    Product(u64),
    /// An integer of this many digits that is kept in binary, in decimal.
    Conversion(u64),
    /// The number of primes from the first to the second.
    Count(u64, u64),
    /// The sum of the primes up to n.
    Sum(u64),
    /// The number of primes up to n, which is too large for a sieve.
    Pi(u64),
}

impl Question {
    /// What it is called in tables.
    pub(crate) fn label(&self) -> String {
        match *self {
            Self::Fibonacci(n) => format!("F({})", power_of_ten(n)),
            Self::Factorial(n) => format!("({})!", power_of_ten(n)),
            Self::Binomial(n, k) => format!("C({}, {})", power_of_ten(n), power_of_ten(k)),
            Self::Power(base, exponent) => format!("{base}^({})", power_of_ten(exponent)),
            Self::Product(digits) => format!("product, 2 x {} digits", power_of_ten(digits)),
            Self::Conversion(digits) => format!("to decimal, {} digits", power_of_ten(digits)),
            Self::Count(start, end) if start <= 1 => format!("count [1, {}]", power_of_ten(end)),
            Self::Count(start, end) => {
                format!("count [{}, +{}]", power_of_ten(start), power_of_ten(end - start))
            }
            Self::Sum(end) => format!("sum [1, {}]", power_of_ten(end)),
            Self::Pi(end) => format!("pi({})", power_of_ten(end)),
        }
    }

    /// Its kind, as rivals are told it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Fibonacci(_) => "fibonacci",
            Self::Factorial(_) => "factorial",
            Self::Binomial(..) => "binomial",
            Self::Power(..) => "power",
            Self::Product(_) => "product",
            Self::Conversion(_) => "conversion",
            Self::Count(..) => "count",
            Self::Sum(_) => "sum",
            Self::Pi(_) => "pi",
        }
    }

    /// Its numbers, as rivals are told them; those of operands are in files.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        match *self {
            Self::Product(_) | Self::Conversion(_) => Vec::new(),
            Self::Fibonacci(n) | Self::Factorial(n) | Self::Sum(n) | Self::Pi(n) => vec![n],
            Self::Binomial(first, second) | Self::Power(first, second) | Self::Count(first, second) => {
                vec![first, second]
            }
        }
    }

    /// How many operands it has, and of how many digits.
    pub(crate) fn operands(&self) -> (usize, u64) {
        match *self {
            Self::Product(digits) => (2, digits),
            Self::Conversion(digits) => (1, digits),
            _ => (0, 0),
        }
    }
}

/// A number as it is best read: `10^6`, `5*10^6`, `1234`.
pub(crate) fn power_of_ten(number: u64) -> String {
    let mut factor = number;
    let mut zeros = 0;
    while factor > 0 && factor.is_multiple_of(10) {
        factor /= 10;
        zeros += 1;
    }
    match (factor, zeros) {
        (_, 0..=2) => number.to_string(),
        (1, _) => format!("10^{zeros}"),
        _ => format!("{factor}*10^{zeros}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        let billion = 1_000_000_000;
        let cases = [
            (Question::Fibonacci(100_000), "F(10^5)"),
            (Question::Binomial(10_000_000, 5_000_000), "C(10^7, 5*10^6)"),
            (Question::Power(3, 1_048_576), "3^(1048576)"),
            (Question::Count(1, billion), "count [1, 10^9]"),
            (Question::Count(1000 * billion, 1001 * billion), "count [10^12, +10^9]"),
        ];
        for (question, label) in cases {
            assert_eq!(question.label(), label);
        }
        assert_eq!(power_of_ten(0), "0");
    }
}
