//! Made-up advisories, to see what a scan reports.

use std::fs;
use std::path::Path;

use tokio::process::Command;

use crate::docker::output;
use crate::facts::expect;
use crate::machines::folder;
use crate::scripts::command;
use xtask::Failure;

/// Without advisories, with one about a crate that we do not use, and with one about a crate that we use.
pub(crate) async fn scanned() -> Result<String, Failure> {
    let database = folder().join("advisories");
    let look = || {
        let mut command = command("ci/scan.sh", &Vec::new());
        output({
            command.env("ADVISORY_DB", &database);
            command
        })
    };
    let _ = fs::remove_dir_all(&database); // of the run before
    let refused = look().await.err().ok_or("it succeeded without advisories")?.to_string();
    expect(refused.contains("NOT SCANNED"), || refused.clone())?;
    advise(&database, "nobodys-crate").await?;
    look().await?;
    advise(&database, "tokio").await?;
    let found = look().await.err().ok_or("it overlooks an advisory")?.to_string();
    expect(found.contains("RUSTSEC-2026-9999"), || found.clone())?;
    Ok("it fails without advisories and with one about tokio, and not with one about others".into())
}

/// Commits an advisory about this crate to a repository of advisories.
async fn advise(database: &Path, crate_name: &str) -> Result<(), Failure> {
    let folder = database.join("crates").join(crate_name);
    fs::create_dir_all(&folder)?;
    let id = "RUSTSEC-2026-9999";
    let text = format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{crate_name}\"\ndate = \"2026-01-01\"\n\n\
         [versions]\npatched = []\n```\n\n# Made up\n\nFor this test.\n"
    );
    fs::write(folder.join(format!("{id}.md")), text)?;
    let mut commit = Command::new("sh");
    commit.current_dir(database).args(["-c", "git init -q && git add -A && git commit -qm more"]);
    for role in ["AUTHOR", "COMMITTER"] {
        commit.env(format!("GIT_{role}_NAME"), "test").env(format!("GIT_{role}_EMAIL"), "test");
    }
    output(commit).await.map(drop)
}
