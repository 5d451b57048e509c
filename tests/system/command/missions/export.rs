//! `spymission missions export`: every row once, also from a copy that cannot be written.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use schemas::{CreatedAt, Mission};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::{BEGIN, decisions, shelves};

#[tokio::test]
async fn an_export_shows_every_row_that_was_stored_when_it_began_exactly_once() {
    for shelf in shelves().await {
        let mut standing = BTreeSet::new();
        for (batch, second) in decisions(3_500).chunks(700).zip(0..) {
            let at = CreatedAt::from_micros(BEGIN + second * 1_000_000).unwrap();
            let stored = shelf.store.store(batch, at).await.unwrap();
            standing.extend(stored.into_iter().map(|mission| mission.unwrap().id.to_string()));
        }
        let store = shelf.store.clone();
        let rival = tokio::spawn(async move {
            for (decision, second) in decisions(200).into_iter().zip(100..) {
                let at = CreatedAt::from_micros(BEGIN + second * 1_000_000).unwrap();
                store.store(&[decision], at).await.unwrap();
            }
        });
        let shown: Vec<_> = shelf.json(&["export"]).await;
        let shown: Vec<String> = shown.iter().map(|mission| mission.id.to_string()).collect();
        rival.await.unwrap();
        let once: BTreeSet<_> = shown.iter().cloned().collect();
        assert_eq!(once.len(), shown.len(), "no row twice");
        assert!(standing.is_subset(&once), "no row left out");
        let (code, said) = shelf.missions(&["export", "--format", "csv"]).await;
        let mut rows = csv::Reader::from_reader(said.as_bytes());
        let rows: Vec<Mission> = rows.deserialize().map(|row| row.unwrap()).collect();
        assert_eq!((code, rows.len()), (0, 3_700));
    }
}

#[tokio::test]
async fn an_export_ends_quietly_when_its_reader_closes_the_pipe() {
    for shelf in shelves().await {
        let at = CreatedAt::from_micros(BEGIN).unwrap();
        shelf.store.store(&decisions(3_000), at).await.unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
        command.args(["missions", "export", "--database", &shelf.url]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut export = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(export.stdout.take().unwrap()).read_line(&mut line).unwrap();
        serde_json::from_str::<Mission>(&line).unwrap();
        let ended = export.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    }
}

/// A copy in a folder where SQLite cannot make the files that it makes beside a database in use.
#[tokio::test]
async fn a_read_only_copy_is_listed_and_exported_and_a_row_that_cannot_be_read_is_named() {
    let [shelf, _] = shelves().await;
    let stored = shelf.fill(3).await;
    shelf.store.close().await;
    let file = shelf.url.strip_prefix("sqlite:").unwrap();
    spoil(file, &stored[1]).await;
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    let folder = Path::new(file).parent().unwrap();
    mode(Path::new(file), 0o444);
    mode(folder, 0o555);
    for action in ["list", "export"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
        command.args(["missions", action, "--format", "json", "--database", &shelf.url]);
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(65_534); // root may write everywhere
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(said.contains(&stored[1].id.to_string()) && said.contains("casebook"), "{said}");
    }
    mode(folder, 0o755);
}

/// Makes the casebook's name of this row one that no casebook has.
async fn spoil(file: &str, mission: &Mission) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let sql = "UPDATE missions SET casebook = '' WHERE id = ?";
    let id = mission.id.uuid();
    sqlx::query(sql).bind(&id.as_bytes()[..]).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
