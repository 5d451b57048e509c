use super::*;

/// The verdict about each committed cost after this change of all costs.
fn verdicts(change: impl Fn(&mut Costs)) -> Vec<Verdict> {
    let before = baseline().unwrap();
    let mut now = before.clone();
    change(&mut now);
    compare(&before, &now).into_iter().map(|compared| compared.verdict).collect()
}

fn times(factor: f64) -> impl Fn(&mut Costs) {
    move |costs| costs.values_mut().flat_map(BTreeMap::values_mut).for_each(|c| *c *= factor)
}

#[test]
fn the_same_costs_are_accepted() {
    assert!(verdicts(|_| ()).iter().all(|verdict| *verdict == Verdict::Ok));
}

#[test]
fn whatever_is_counted_exactly_and_is_four_percent_dearer_is_refused() {
    let exact = |unit: &str| !unit.ends_with("flushes");
    let before = in_units(&baseline().unwrap(), exact);
    let mut now = before.clone();
    times(1.04)(&mut now);
    let compared = compare(&before, &now);
    assert!(compared.len() > 10 && compared.iter().all(Compared::is_refused));
    assert!(verdicts(times(1.3)).iter().all(|verdict| *verdict == Verdict::Dearer));
}

#[test]
fn one_allocation_or_message_more_is_refused() {
    for (unit, name) in [
        ("allocations", "POST to publish"),
        ("allocations", "reply to response"),
        ("messages", "every role, a mission alone"),
        ("published", "servers, a mission alone"),
    ] {
        let dearer =
            |costs: &mut Costs| *costs.get_mut(name).unwrap().get_mut(unit).unwrap() += 1.0;
        let dearer = verdicts(dearer).into_iter().filter(|verdict| *verdict == Verdict::Dearer);
        assert_eq!(dearer.count(), 1, "{unit} of {name}");
    }
}

#[test]
fn a_cost_that_is_missing_or_new_is_refused_and_a_cheaper_one_is_not() {
    let gone = verdicts(|costs| drop(costs.remove("decide a list")));
    assert!(gone.contains(&Verdict::Gone));
    let new =
        |costs: &mut Costs| merge(costs, read(r#"{"a new stage": {"allocations": 1}}"#).unwrap());
    assert!(verdicts(new).contains(&Verdict::New));
    assert!(verdicts(times(0.5)).iter().all(|verdict| *verdict == Verdict::Cheaper));
}

#[test]
fn written_costs_read_back() {
    let (costs, file) = (baseline().unwrap(), tempfile::NamedTempFile::new().unwrap());
    write(file.path(), &costs).unwrap();
    let text = fs::read_to_string(file.path()).unwrap();
    assert_eq!(read(&text).unwrap(), costs);
    assert_eq!(text, fs::read_to_string(BASELINE).unwrap(), "cargo xtask bench --compare --accept");
    assert!(read("[]").is_err() && read(r#"{"a": {"b": "c"}}"#).is_err());
}
