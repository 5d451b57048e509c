//! Every value of a label has a place and a word of its own.

use std::collections::HashSet;

use super::*;
use crate::label::Labels;

fn sound<L: Label>() {
    let words: HashSet<_> = L::ALL.iter().map(|value| value.value()).collect();
    assert_eq!(words.len(), L::ALL.len(), "{}", L::NAME);
    for (place, value) in L::ALL.iter().enumerate() {
        assert_eq!(value.index(), place, "{} {}", L::NAME, value.value());
    }
}

#[test]
fn every_value_of_a_label_has_a_place_and_a_word_of_its_own() {
    sound::<Outcome>();
    sound::<Operation>();
    sound::<Handled>();
    sound::<Step>();
    sound::<Ask>();
    sound::<Why>();
    sound::<FaultKind>();
    sound::<Callers>();
    sound::<Event>();
    sound::<Statement>();
    sound::<Refusal>();
    sound::<Role>();
    sound::<ProblemKind>();
    sound::<Destination>();
    sound::<Method>();
    sound::<Route>();
    sound::<Status>();
}

#[test]
fn several_labels_have_a_place_for_each_of_their_values() {
    let mut places = HashSet::new();
    for ask in Ask::ALL {
        for step in Step::ALL {
            for event in Event::ALL {
                let labels = (*ask, *step, *event);
                let index = labels.index();
                assert!(index < <(Ask, Step, Event)>::COUNT && places.insert(index));
                let pairs = <(Ask, Step, Event)>::pairs(index);
                assert_eq!(
                    pairs,
                    [("ask", ask.value()), ("step", step.value()), ("outcome", event.value())]
                );
            }
        }
    }
}
