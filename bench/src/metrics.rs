//! What processes say about themselves at `/metrics`.

use super::system::{Instance, System};

/// The sum of what a histogram has seen, and how often.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Seen {
    sum: f64,
    count: f64,
}

impl Seen {
    /// The mean of what was seen since `before`; `None` if nothing was.
    pub(crate) fn mean_since(self, before: Self) -> Option<f64> {
        let count = self.count - before.count;
        (count > 0.0).then(|| (self.sum - before.sum) / count)
    }
}

/// The pages of all processes.
pub(crate) fn pages(system: &dyn System) -> Vec<String> {
    let page = |instance: &Instance| instance.ask("GET", "/metrics").ok();
    system.instances().iter().filter_map(page).map(|reply| reply.body).collect()
}

/// The histogram of this name, with a label that is written so.
pub(crate) fn histogram(pages: &[String], name: &str, label: &str) -> Seen {
    let total = |suffix: &str| {
        let wanted = format!("{name}_{suffix}");
        let lines = pages.iter().flat_map(|page| page.lines());
        let values = lines.filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let (metric, labels) = series.split_once('{').unwrap_or((series, ""));
            let value: f64 = value.parse().ok()?;
            (metric == wanted && labels.contains(label)).then_some(value)
        });
        values.sum::<f64>()
    };
    Seen { sum: total("sum"), count: total("count") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_of_what_was_seen_between_two_looks() {
        let page = |sum, count| {
            vec![
                format!("a_sum{{role=\"x\"}} {sum}\na_count{{role=\"x\"}} {count}\n"),
                "a_sum{role=\"y\"} 1000\na_count{role=\"y\"} 1\nb_sum 7\nb_count 2\n".to_owned(),
            ]
        };
        let seen = |page: &[String]| histogram(page, "a", "role=\"x\"");
        let (before, after) = (seen(&page(10, 5)), seen(&page(40, 8)));
        assert_eq!((after.mean_since(before), after.mean_since(after)), (Some(10.0), None));
        assert_eq!(histogram(&page(0, 0), "b", "").mean_since(Seen::default()), Some(3.5));
    }
}
