//! The first start of MySQL: its files are made beside the place where they belong.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::{program, text};

/// Makes files as MySQL does, and is cut in the middle of it where a file `cut` is there.
const MYSQLD: &str = r#"#!/bin/sh
for option; do
    case $option in --datadir=*) data=${option#*=} ;; esac
done
[ -z "$(ls -A "$data" 2>/dev/null)" ] || exit 1 # as MySQL refuses it
mkdir -p "$data" && echo tables >"$data/ibdata1" && echo hidden >"$data/.hidden"
[ ! -e AT/cut ] || exit 1
mkdir "$data/mysql" && echo users >"$data/mysql/user"
"#;

/// Notes what is moved.
const MV: &str = "#!/bin/sh\necho \"$*\" >>AT/moved\nexec /bin/mv \"$@\"\n";

/// The folder of a volume and a program that makes a database.
fn machine() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = folder.path().display().to_string();
    fs::create_dir(folder.path().join("data")).unwrap();
    for (name, script) in [
        ("mysqld", MYSQLD.replace("AT/", &format!("{at}/"))),
        ("mv", MV.replace("AT/", &format!("{at}/"))),
        (
            "initialise.sh",
            text("compose/mysql/initialise.sh").replace("/var/lib/mysql", &format!("{at}/data")),
        ),
    ] {
        program(&folder.path().join(name), &script);
    }
    folder
}

fn start(folder: &TempDir) -> Output {
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut start = Command::new("sh");
    start.arg(folder.path().join("initialise.sh")).arg("--no-defaults").env("PATH", path);
    start.output().unwrap()
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path().join("data")).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const WHOLE: [&str; 3] = [".hidden", "ibdata1", "mysql"];

#[test]
fn a_first_start_that_was_cut_is_made_good_by_the_next() {
    let folder = machine();
    fs::write(folder.path().join("cut"), "").unwrap();
    assert!(!start(&folder).status.success());
    fs::remove_file(folder.path().join("cut")).unwrap();
    assert!(start(&folder).status.success());
    assert_eq!(names(&folder), WHOLE);
    assert!(start(&folder).status.success()); // a start like any other
    assert_eq!(names(&folder), WHOLE);
}

#[test]
fn a_database_without_a_free_connection_works_and_one_that_does_not_answer_does_not() {
    let folder = machine();
    let client = folder.path().join("client.sh");
    let ready = text("compose/mysql/ready.sh")
        .replace("/etc/spymission/client.sh", &client.display().to_string());
    for (said, works) in [
        ("ERROR 1040 (HY000): Too many connections", true),
        ("ERROR 2003 (HY000): Can't connect to MySQL server", false),
    ] {
        fs::write(&client, format!("echo \"{said}\" >&2; exit 1")).unwrap();
        let ended = Command::new("sh").args(["-c", &ready]).output().unwrap();
        assert_eq!(ended.status.success(), works, "{said}: {ended:?}");
    }
}

#[test]
fn a_move_that_was_cut_is_finished() {
    let folder = machine();
    assert!(start(&folder).status.success());
    // Where this one is, all others are: a start looks for it alone.
    let moved = fs::read_to_string(folder.path().join("moved")).unwrap();
    let last = moved.lines().last().unwrap();
    assert!(last.split(' ').next().unwrap().ends_with("/.initialising/mysql"), "{moved}");
    let (data, new) = (folder.path().join("data"), folder.path().join("data/.initialising"));
    fs::create_dir(&new).unwrap();
    for name in ["mysql", "ibdata1"] {
        fs::rename(data.join(name), new.join(name)).unwrap();
    }
    fs::write(data.join(".initialising.complete"), "").unwrap();
    assert!(start(&folder).status.success());
    assert_eq!(names(&folder), WHOLE);
}

#[test]
fn files_that_nobody_knows_are_not_removed() {
    let folder = machine();
    fs::write(folder.path().join("data/ibdata1"), "missions").unwrap();
    let refused = start(&folder);
    assert!(!refused.status.success(), "{refused:?}");
    assert_eq!(fs::read_to_string(folder.path().join("data/ibdata1")).unwrap(), "missions");
}
