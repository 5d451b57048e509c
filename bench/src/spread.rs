//! Medians, and how far values lie apart.

/// The middle of these values; of an even number the mean of the two in the middle. 0 of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let values = sorted(values);
    let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    let [low, high] = [low, high].map(|place| values.get(place).copied().unwrap_or_default());
    f64::midpoint(low, high)
}

/// The least and the greatest of these values.
pub(crate) fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let values = sorted(values);
    let ends = (values.first(), values.last());
    (ends.0.copied().unwrap_or_default(), ends.1.copied().unwrap_or_default())
}

fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_and_a_range_has_both_ends() {
        assert_eq!(median([3.0, 1.0, 100.0]), 3.0);
        assert_eq!(median([4.0, 1.0, 100.0, 2.0]), 3.0);
        assert_eq!((median([7.0]), median([])), (7.0, 0.0));
        assert_eq!((range([3.0, 1.0, 2.0]), range([])), ((1.0, 3.0), (0.0, 0.0)));
    }
}
