//! `spymission decide`, `spymission completions` and `spymission man-pages`.

use super::run;

const DOSSIER: &str = "18 c 4 a 7 k 0 b 12 q 3 m";

#[tokio::test]
async fn a_decision_is_explained_rule_by_rule() {
    let (code, said) = run(&[], &["decide", DOSSIER]).await;
    assert_eq!(code, 0, "{said}");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: Vec<_> = said.lines().map(words).collect();
    let position = |start: &str| {
        said.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{said:?}"))
    };
    let places = [
        "dossier 18 c 4",
        "The first number, 18,",
        "no: number = 19",
        "yes: divisible_by = 3",
        "The first letter, c,",
        "no: letters = \"z\"",
        "no: letters = \"aeiou\"",
        "yes: letters = \"bcdfghj\"",
        "Follow the dictator",
    ]
    .map(position);
    assert!(places.is_sorted(), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("at_least")), "the rest was not tried");
}

#[tokio::test]
async fn a_dossier_may_be_given_without_quotes() {
    let arguments: Vec<_> = std::iter::once("decide").chain(DOSSIER.split(' ')).collect();
    assert_eq!(run(&[], &arguments).await, run(&[], &["decide", DOSSIER]).await);
}

#[tokio::test]
async fn a_wrong_dossier_is_refused_by_its_part_with_a_right_example() {
    for (dossier, wrong) in [
        ("18 c 4 a 7 k 0 b 12 q 3", "too short"),
        ("18 c 4 a 7 k 0 b 12 q 3 m 1", "too long"),
        ("18 c 4 a 7 k 0 b 20 q 3 m", "part 9 of 12: 20"),
        ("18 c 4 a 7 k 0 B 12 q 3 m", "part 8 of 12: 'B'"),
        ("c 18 4 a 7 k 0 b 12 q 3 m", "part 1 of 12: \"c\""),
        ("", "part 1 of 12"),
    ] {
        let (code, said) = run(&[], &["decide", dossier]).await;
        assert_eq!(code, 2, "{dossier}: {said}");
        assert!(said.contains(wrong) && said.contains("19 z 4 a 7 k 0 b 12 q 3 m"), "{said}");
    }
}

#[tokio::test]
async fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, said) = run(&[], &["completions", shell]).await;
        assert_eq!(code, 0);
        for word in ["spymission", "missions", "export", "topology", "decider"] {
            assert!(said.contains(word), "{shell}: {word}");
        }
    }
    let (code, said) = run(&[], &["completions", "csh"]).await;
    assert_eq!(code, 2);
    assert!(said.contains("bash") && said.contains("zsh"), "{said}");
}

#[tokio::test]
async fn there_is_a_manual_page_for_each_command_with_its_variables() {
    let folder = tempfile::TempDir::new().unwrap();
    let pages = folder.path().join("man1");
    let (code, said) = run(&[], &["man-pages", pages.to_str().unwrap()]).await;
    assert_eq!((code, said.as_str()), (0, ""));
    let page = |name: &str| std::fs::read_to_string(pages.join(name)).unwrap();
    assert!(page("spymission-gateway.1").contains("SPYMISSION_LISTEN"));
    for name in ["spymission.1", "spymission-worker-decider.1", "spymission-topology-apply.1"] {
        assert!(page(name).contains("SPYMISSION"), "{name}");
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (code, said) = run(&[], &["man-pages", file.to_str().unwrap()]).await;
    assert!(code == 1 && said.contains("file: "), "{code}: {said}");
}
