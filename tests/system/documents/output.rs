//! What a command printed, compared with what the page shows. Ids, times, dossiers and what follows
//! from them differ from run to run, and so do addresses; all else is the same.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run, and what is written in its place.
static VARIES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
        ("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "<time>"),
        ("(1?[0-9] [a-z] ){5}1?[0-9] [a-z]\\b", "<dossier>"),
        ("[0-9]+(\\.[0-9]+)? (s|ms|µs)\\b", "<long>"),
        ("Steal the DB_URI from|Follow|Collect information about|Meet with", "<objective>"),
        ("the flask developer|the double agent|the dictator|the head of Odin|Duchess", "<target>"),
        ("first number [0-9]+: ", "first number <n>: "),
        ("first letter [a-z]: ", "first letter <l>: "),
        ("\\(line [0-9]+: [^)]*\\)", "(<rule>)"),
        ("localhost", "127.0.0.1"),
        (":[0-9]{4,5}\\b", ":<port>"),
        ("\\b[0-9]+\\.[0-9]+\\.[0-9]+\\b([^.]|$)", "<version>$1"),
        ("test_[0-9a-f]{16}|absent_database", "spymission"),
        ("test-[0-9a-f]+", "%2f"),
    ]
    .map(|(what, place)| (Regex::new(what).unwrap(), place))
    .into()
});
/// Figures and bars.
static FIGURES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[0-9][0-9.,:]*|[▁▂▃▄▅▆▇█–]|/s|\\b(ms|µs|s)\\b|<[a-z]+>").unwrap());

/// Commands whose figures are those of the moment.
const OF_THE_MOMENT: [&str; 1] = ["spymission top"];
/// Commands about random missions; of others a mission is shown as it is.
const RULES: &str = "spymission decide";

/// Whether what was said has the lines that are shown, in this order. Spaces do not count.
pub fn is_as_shown(typed: &str, said: &str, shown: &[String]) -> Result<(), String> {
    let patterns = |text: &str| {
        let mut text = text.to_owned();
        if !typed.contains(RULES) {
            for (varies, place) in VARIES.iter() {
                text = varies.replace_all(&text, *place).into_owned();
            }
        }
        if OF_THE_MOMENT.iter().any(|command| typed.contains(command)) {
            text = FIGURES.replace_all(&text, "").into_owned();
        }
        text.split_whitespace().collect::<String>()
    };
    let all = patterns(said);
    let mut rest = all.as_str();
    for line in shown {
        let line = patterns(line);
        let Some((_, after)) = rest.split_once(&line) else {
            return Err(format!("{typed} does not print\n{line}\nin\n{rest}\nof\n{said}"));
        };
        rest = after;
    }
    Ok(())
}

/// Whether it is shown that the command fails.
pub fn fails(shown: &[String]) -> bool {
    shown.iter().any(|line| line.starts_with("spymission: ") || line.starts_with("not ready"))
}

#[test]
fn another_id_is_the_same_output_and_another_word_is_not() {
    let shown = ["id  01a20450-df9e-763a-83f9-e685930a8b00".to_owned(), "stored".to_owned()];
    let other = |word| format!("id 01a20450-df95-769d-a48f-f98c420e8900\n{word}\n");
    assert!(is_as_shown("", &other("stored"), &shown).is_ok());
    assert!(is_as_shown("", &other("lost"), &shown).is_err());
    assert!(is_as_shown("", "stored", &shown).is_err());
}
