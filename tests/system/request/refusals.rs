//! Wrong settings: exit code 2, and what to write instead.

use super::Asking;

#[rustfmt::skip] // one line each: it is a table
const WRONG: [(&[&str], &[&str]); 11] = [
    (&["--broker", "memory:"], &["--broker", "memory:"]),
    (&["--broker", "localhost"], &["--broker", "amqp://"]),
    (&["--broker", "amqp://localhost", "--url", "http://localhost"], &["--url", "--broker"]),
    (&["--url", "localhost:8080"], &["--url: ", "http://host:8080"]),
    (&["--url", "http://localhost", "--format", "xml"], &["--format", "table, json, csv"]),
    (&["--url", "http://localhost", "--count", "0"], &["--count", "1..=1000000"]),
    (&["--url", "http://localhost", "--count", "1000001"], &["--count", "1..=1000000"]),
    (&["--url", "http://localhost", "--key", ""], &["--key", "1 to 255"]),
    (&["--url", "http://localhost", "--key", "two words"], &["--key", "visible ASCII"]),
    (&["--url", "http://localhost", "--wait", "0"], &["--wait", "1..=3600"]),
    (&["--url", "http://localhost", "mission"], &["mission"]),
];

#[tokio::test]
async fn a_wrong_request_is_refused_with_the_fix() {
    for (arguments, words) in WRONG {
        let (code, output, errors) = Asking::start(arguments).ended().await;
        assert_eq!((code, &*output), (2, ""), "{arguments:?}: {errors}");
        let missing: Vec<_> = words.iter().filter(|word| !errors.contains(**word)).collect();
        assert!(missing.is_empty(), "{missing:?} is not in: {errors}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_named_without_its_password() {
    let port = testkit::servers::Port::free().unwrap();
    let broker = format!("amqp://bond:s3cret@127.0.0.1:{}", port.number());
    let url = format!("http://bond:s3cret@127.0.0.1:{}", port.number());
    for door in [["--broker", &*broker], ["--url", &*url]] {
        let asking = Asking::start(&[&door[..], &["--wait", "1"]].concat());
        let (code, output, errors) = asking.ended().await;
        assert_eq!((code, &*output), (1, ""));
        assert!(
            errors.contains("onnection refused") && errors.contains("trying again"),
            "{errors}"
        );
        assert!(!errors.contains("s3cret"), "{errors}");
    }
}

#[tokio::test]
async fn help_lists_the_exit_codes() {
    let (code, output, _) = Asking::start(&["--help"]).ended().await;
    assert_eq!(code, 0);
    for words in ["Exit codes: 0", "130", "--key", "KEY/1", "SPYMISSION_URL"] {
        assert!(output.contains(words), "{words}: {output}");
    }
}
