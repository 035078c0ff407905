//! What is said of several measurements of the same thing.

/// The middle one of these, or the mean of the two in the middle; nothing of nothing.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    let lower = if values.len().is_multiple_of(2) { values[middle - 1] } else { upper };
    Some(f64::midpoint(lower, upper))
}

/// The median of the ratios of what was measured in the same round.
pub(crate) fn median_ratio(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    median(pairs.into_iter().filter(|(_, other)| *other > 0.0).map(|(one, other)| one / other))
}

/// Three significant digits, and no more places than that takes.
pub(crate) fn significant(value: f64) -> String {
    let places = (0..=4).find(|&places| value.abs() * 10f64.powi(places) >= 99.95).unwrap_or(4);
    let text = format!("{value:.*}", usize::try_from(places).expect("0 to 4"));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0]), Some(3.0));
        assert_eq!(median([9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 100.0, 2.0]), Some(3.0));
    }

    #[test]
    fn ratios_are_taken_within_the_rounds() {
        // The machine was ten times as slow in the second round: the ratio is not moved.
        assert_eq!(median_ratio([(1.0, 2.0), (10.0, 20.0), (1.0, 2.0)]), Some(0.5));
        assert_eq!(median_ratio([(1.0, 0.0)]), None, "what took no time has no ratio");
    }

    #[test]
    fn three_digits_are_told() {
        let cases = [
            (0.0, "0"),
            (0.03456, "0.0346"),
            (0.5, "0.5"),
            (1.2345, "1.23"),
            (99.96, "100"),
            (12.34, "12.3"),
            (1234.5, "1234"),
            (100.0, "100"),
            (0.000_01, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value), text, "{value}");
        }
    }
}
