//! A wrong casebook is refused, and each error has its line and the fix.

mod coverage;

use schemas::Casebook;

/// The error of a casebook.
fn refusal(toml: &str) -> String {
    match Casebook::parse(toml) {
        Ok(_) => "it is accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// A casebook with these rules for numbers, from line 3 on, and sound rules for letters.
fn numbers(rules: &str) -> String {
    format!("name = \"mine\"\ntarget = [{{ text = \"home\" }}]\n{rules}")
}

/// A casebook with these rules for letters, from line 3 on, and sound rules for numbers.
fn letters(rules: &str) -> String {
    format!("name = \"mine\"\nobjective = [{{ text = \"Phone\" }}]\n{rules}")
}

const TEXT: &str = "give 1 to 63 characters, without spaces around them, as in `text = \"…\"`";
const NAME: &str = "give 1 to 63 of a-z, 0-9 and -, as in `name = \"my-agency\"`";

#[test]
fn text_that_is_not_toml_is_refused_with_each_wrong_line() {
    let toml = "name = Bond\n\n[[objective]\ntext = \"x\"\n[[target]]\ntext = \"x";
    let refusal = refusal(toml);
    let lines: Vec<_> = refusal.lines().collect();
    assert_eq!(lines.len(), 3, "{refusal}");
    for (line, place) in lines.iter().zip(["line 1: ", "line 3: ", "line 6: "]) {
        assert!(line.starts_with(&format!("{place}not TOML: ")), "{refusal}");
        assert!(line.contains("; fix: write it as TOML: "), "{refusal}");
    }
}

#[test]
fn a_key_that_is_given_twice_is_refused() {
    let refusal = refusal("name = \"a\"\nname = \"b\"\n");
    assert!(refusal.starts_with("line 2: not TOML: duplicate key; fix: "), "{refusal}");
}

#[test]
fn what_is_missing_is_named() {
    let told = format!(
        "line 1: `name` is missing; fix: {NAME}\n\
         line 1: there is no `[[objective]]`; fix: add one: `[[objective]]`, and below it `text = \"…\"`\n\
         line 1: there is no `[[target]]`; fix: add one: `[[target]]`, and below it `text = \"…\"`"
    );
    assert_eq!(refusal(""), told);
    assert_eq!(Casebook::parse("").unwrap_err().findings().len(), 3);
    assert_eq!(
        refusal(&letters("\n[[target]]\nletters = \"a\"\n\n[[target]]\ntext = \"home\"")),
        format!("line 4: `text` is missing; fix: {TEXT}")
    );
    assert_eq!(
        refusal(&letters("target = []")),
        "line 3: there is no `[[target]]`; fix: add one: `[[target]]`, and below it `text = \"…\"`"
    );
}

#[test]
fn unknown_keys_are_refused_with_the_known_ones() {
    assert_eq!(
        refusal(&numbers("agency = 1\n[[objective]]\nnumbr = 3\ntext = \"Phone\"\n")),
        "line 3: the casebook has no key `agency`; \
         fix: its keys are `name`, `objective` and `target`\n\
         line 5: `[[objective]]` has no key `numbr`; \
         fix: its keys are `number`, `divisible_by`, `at_least`, `at_most` and `text`"
    );
    assert_eq!(
        refusal(&letters("[[target]]\nnumber = 3\ntext = \"home\"\n")),
        "line 4: `[[target]]` has no key `number`; fix: its keys are `letters` and `text`"
    );
}

#[test]
fn a_list_of_the_wrong_type_is_refused() {
    assert_eq!(
        refusal("name = \"mine\"\nobjective = 7\n[target]\ntext = \"home\""),
        "line 2: `objective` is a whole number; \
         fix: write `[[objective]]`, with two brackets, above each rule\n\
         line 3: `target` is a table; fix: write `[[target]]`, with two brackets, above each rule"
    );
    assert_eq!(
        refusal(&letters("target = [\n  1.5,\n]")),
        "line 4: a rule is a fraction; fix: write `[[target]]` above each rule"
    );
}

#[test]
fn conditions_out_of_range_are_refused() {
    for (condition, shown, from) in [
        ("number = 20", "`number` is 20", 0),
        ("number = -1", "`number` is -1", 0),
        ("number = 0xff", "`number` is 0xff", 0),
        ("number = \"3\"", "`number` is a text", 0),
        ("divisible_by = 0", "`divisible_by` is 0", 1),
        ("divisible_by = 20", "`divisible_by` is 20", 1),
        ("at_least = 2.5", "`at_least` is a fraction", 0),
        ("at_most = 99999999999999999999", "`at_most` is 99999999999999999999", 0),
    ] {
        let rules = format!("[[objective]]\n{condition}\ntext = \"Phone\"");
        let told = format!("line 4: {shown}; fix: give a whole number from {from} to 19");
        assert_eq!(refusal(&numbers(&rules)), told);
    }
}

#[test]
fn wrong_letters_and_repeated_ones_are_refused() {
    let told = |letters_of_rule: &str| {
        let rule = format!("[[target]]\nletters = {letters_of_rule}\ntext = \"home\"\n");
        refusal(&letters(&format!("{rule}[[target]]\ntext = \"work\"")))
    };
    let fix = "fix: list letters from a to z, each once";
    assert_eq!(told("\"abcab\""), format!("line 4: `letters` lists a and b twice; {fix}"));
    assert_eq!(told("\"aÄ-\""), format!("line 4: `letters` has \"-Ä\"; {fix}"));
    // What a wrong rule leaves to others is not known.
    let alone = refusal(&letters("[[target]]\nletters = \"a-\"\ntext = \"home\"\n"));
    assert_eq!(alone, format!("line 4: `letters` has \"-\"; {fix}"));
    assert_eq!(told("[\"a\"]"), format!("line 4: `letters` is an array; {fix}: \"aei\""));
    let any = "or drop `letters`: the rule then takes any other";
    assert_eq!(told("\"\""), format!("line 4: `letters` is empty; {fix}; {any}"));
}

#[test]
fn texts_that_do_not_fit_are_refused() {
    let spaces = "the text has control characters, or spaces around it";
    for (text, wrong) in [
        ("\"\"".to_owned(), ": the text is empty"),
        (
            format!("\"{}\"", "ä".repeat(64)),
            ": the text has 64 characters, and at most 63 are allowed",
        ),
        ("\"a\\nb\"".to_owned(), &format!(": {spaces}")),
        ("\" a\"".to_owned(), &format!(": {spaces}")),
        ("3".to_owned(), " is a whole number"),
    ] {
        let told = format!("line 4: `text`{wrong}; fix: {TEXT}");
        assert_eq!(refusal(&letters(&format!("[[target]]\ntext = {text}"))), told);
    }
}

#[test]
fn names_that_are_not_a_word_of_a_routing_key_are_refused() {
    let named = |name: &str| refusal(&numbers("[[objective]]\ntext = \"x\"").replace("mine", name));
    assert_eq!(named(&"x".repeat(63)), "it is accepted");
    for name in ["James Bond", "a.b", "M", "*", "#", "größe"] {
        assert_eq!(named(name), format!("line 1: `name` is \"{name}\"; fix: {NAME}"));
    }
    assert_eq!(named(""), format!("line 1: `name`: the text is empty; fix: {NAME}"));
    assert!(named(&"x".repeat(64)).contains("64 characters"));
}

#[test]
fn more_than_64_kib_are_refused() {
    let comment = |bytes: usize| format!("{}#{}", Casebook::MALORY, "x".repeat(bytes));
    let room = 65_536 - Casebook::MALORY.len() - 1;
    assert_eq!(refusal(&comment(room)), "it is accepted");
    let told = "line 1: the casebook has 65537 bytes; fix: cut it down to 65536";
    assert_eq!(refusal(&comment(room + 1)), told);
}

#[test]
fn only_the_first_50_findings_are_shown() {
    let rules = "[[target]]\n".repeat(5_000);
    let refusal = refusal(&letters(&rules));
    assert_eq!(refusal.lines().count(), 51);
    assert!(refusal.ends_with("\nand 9949 more"), "{refusal}");
}
