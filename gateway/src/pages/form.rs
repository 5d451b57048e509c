//! The filter forms of the lists. A browser sends all fields, even empty ones, and times without an
//! offset. This module makes of them the address that other clients would use.

use schemas::CreatedAt;

/// The address under this path for the fields of a form; `None` if the query is such an address
/// already.
pub(crate) fn tidied(path: &str, query: &str) -> Option<String> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let id = fields.iter().find(|(name, value)| name == "id" && !value.trim().is_empty());
    if let Some((_, id)) = id {
        let plain = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
        return Some(format!("{path}/{}", id.chars().filter(plain).take(64).collect::<String>()));
    }
    let tidy: Vec<_> = fields.iter().filter_map(tidy).collect();
    if tidy == fields {
        return None;
    }
    let query = serde_urlencoded::to_string(tidy).ok()?;
    Some(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

/// One field; `None` if it is empty.
fn tidy((name, value): &(String, String)) -> Option<(String, String)> {
    let value = match name.as_str() {
        "id" | "objective" | "target" | "dossier" | "casebook" | "reason" | "role" | "text" => {
            value.trim().to_owned()
        }
        "since" | "until" => in_utc(value.trim()),
        _ => return Some((name.clone(), value.clone())),
    };
    (!value.is_empty()).then(|| (name.clone(), value))
}

/// A time without an offset is in UTC, as the form says; its seconds may be missing.
fn in_utc(time: &str) -> String {
    let whole = [format!("{time}Z"), format!("{time}:00Z"), format!("{time}T00:00:00Z")];
    let known = whole.into_iter().find(|time| time.parse::<CreatedAt>().is_ok());
    known.unwrap_or_else(|| time.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_fields_are_left_out() {
        let all_empty = "objective=&target=+&since=&until=";
        assert_eq!(tidied("/missions", all_empty).as_deref(), Some("/missions"));
        let one = "objective=Meet+with&target=&since=&until=";
        assert_eq!(tidied("/missions", one).as_deref(), Some("/missions?objective=Meet+with"));
    }

    #[test]
    fn an_id_leads_to_its_mission_whatever_else_was_filled_in() {
        let id = "019abc00-1111-7222-8333-444455556600";
        let leads = tidied("/missions", &format!("objective=Follow&id=+{id}+"));
        assert_eq!(leads, Some(format!("/missions/{id}")));
        assert_eq!(tidied("/missions", "id=..%2f%2fx").as_deref(), Some("/missions/x"));
        assert_eq!(tidied("/missions", "id=+").as_deref(), Some("/missions"));
    }

    #[test]
    fn times_of_a_form_are_in_utc() {
        for (field, means) in [
            ("2026-11-22T13%3A24%3A51", "2026-11-22T13%3A24%3A51Z"),
            ("2026-11-22T13%3A24", "2026-11-22T13%3A24%3A00Z"),
            ("2026-11-22", "2026-11-22T00%3A00%3A00Z"),
        ] {
            let address = tidied("/missions", &format!("since={field}"));
            assert_eq!(address, Some(format!("/missions?since={means}")));
        }
    }

    #[test]
    fn what_needs_no_tidying_stays_where_it_is() {
        for query in [
            "",
            "limit=5&cursor=7-019abc00111172228333444455556600",
            "since=2026-11-22T13:24:51Z&target=Duchess",
            "since=yesterday",
            "nonsense",
            "%ff=%ff",
        ] {
            assert_eq!(tidied("/missions", query), None, "{query}");
        }
    }
}
