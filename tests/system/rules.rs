//! The rules of a mission, written a second time: section 6 of the design.

use serde_json::Value;
use uuid::Uuid;

/// Fails unless the mission has an id, a time, a dossier, and the objective and target of the dossier.
pub fn assert_follows_the_rules(mission: &Value) {
    let text =
        |field: &str| mission[field].as_str().unwrap_or_else(|| panic!("{field}: {mission}"));
    text("id").parse::<Uuid>().unwrap();
    assert_is_a_time(text("created_at"));
    let drawn: Vec<&str> = text("dossier").split(' ').collect();
    assert_eq!(drawn.len(), 12, "{mission}");
    let numbers: Vec<u8> = drawn.iter().step_by(2).map(|number| number.parse().unwrap()).collect();
    let letters: Vec<char> = drawn.iter().skip(1).step_by(2).map(|l| l.parse().unwrap()).collect();
    assert!(numbers.iter().all(|number| *number <= 19), "{mission}");
    assert!(letters.iter().all(char::is_ascii_lowercase), "{mission}");
    let wanted = (objective(numbers[0]), target(letters[0]), "malory");
    assert_eq!((text("objective"), text("target"), text("casebook")), wanted, "{mission}");
}

fn objective(first: u8) -> &'static str {
    match first {
        19 => "Steal the DB_URI from",
        0 | 3 | 6 | 9 | 12 | 15 | 18 => "Follow",
        10.. => "Collect information about",
        _ => "Meet with",
    }
}

fn target(first: char) -> &'static str {
    match first {
        'z' => "the flask developer",
        'a' | 'e' | 'i' | 'o' | 'u' => "the double agent",
        'b' | 'c' | 'd' | 'f' | 'g' | 'h' | 'j' => "the dictator",
        'k' | 'l' | 'm' | 'n' | 'p' | 'q' | 'r' => "the head of Odin",
        _ => "Duchess",
    }
}

/// UTC with six digits, as in `2026-01-31T09:30:00.000001Z`.
fn assert_is_a_time(text: &str) {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
}
