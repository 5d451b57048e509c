//! Versions to deploy after the first one, made from its image to save the time of a build.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::docker::{docker, output};
use crate::machines::folder;
use crate::stand_ins;
use xtask::Failure;

/// The number of the migration that the next version brings.
pub(crate) const MIGRATION: u32 = 9_000;

/// What its migration adds.
const ADDED: &str = "ADD COLUMN lab VARCHAR(8) NULL, ADD INDEX missions_by_lab (lab, created_at)";

/// The same program with one more migration: after its own, `migrate` applies and records it.
///
/// # Errors
/// It could not be built.
pub(crate) async fn next(tag: &str) -> Result<String, Failure> {
    let (mysql, nginx) = (stand_ins::mysql().await?, stand_ins::nginx().await?);
    let dockerfile = format!(
        "FROM {tag} AS program
         FROM {mysql} AS client
         USER root
         RUN mkdir /client && cp $(command -v mysql) /client && cd /client \
          && ldd mysql | awk '$3 ~ /^[/]/ {{ print $3 }} $1 ~ /ld-linux/ {{ print $1 }}' | xargs cp -t . \
          && mv ld-linux* loader
         FROM {nginx}
         COPY --from=client /client /client
         COPY --from=program /spymission /spymission
         COPY entry.sh /entry.sh
         USER 65532:65532
         ENV SPYMISSION_STATUS=127.0.0.1:8081 SPYMISSION_LISTEN=0.0.0.0:8080
         STOPSIGNAL SIGTERM
         ENTRYPOINT [\"sh\", \"/entry.sh\"]\n"
    );
    let entry = format!(
        r#"set -eu
[ "$1" = migrate ] || exec /spymission "$@"
/spymission migrate
login=$(sed 's,^mysql://,,' "$SPYMISSION_DATABASE_FILE")
MYSQL_PWD=${{login#*:}} MYSQL_PWD=${{MYSQL_PWD%%@*}}
export MYSQL_PWD
sql() {{
    /client/loader --library-path /client /client/mysql --no-defaults --host=mysql --user="${{login%%:*}}" \
        --ssl-mode=REQUIRED --batch --skip-column-names --execute "$1" spymission
}}
[ "$(sql 'SELECT COUNT(*) FROM _sqlx_migrations WHERE version = {MIGRATION}')" = 0 ] || exit 0
sql 'ALTER TABLE missions {ADDED}'
sql "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
     VALUES ({MIGRATION}, 'lab', TRUE, '', 0)"
"#
    );
    derived(tag, "next", &dockerfile, &[("entry.sh", &entry)]).await
}

/// One that never starts.
///
/// # Errors
/// It could not be built.
pub(crate) async fn broken(tag: &str) -> Result<String, Failure> {
    let entry = r#"ENTRYPOINT ["/spymission", "--no-such-setting"]"#;
    derived(tag, "broken", &format!("FROM {tag}\n{entry}\n"), &[]).await
}

/// One whose roles start, live, and never become ready. Its other commands work.
///
/// # Errors
/// It could not be built.
pub(crate) async fn unready(tag: &str) -> Result<String, Failure> {
    let nginx = stand_ins::nginx().await?;
    let dockerfile = format!(
        "FROM {tag} AS program\nFROM {nginx}\nCOPY --from=program /spymission /program\n\
         COPY entry.sh /spymission\nUSER 65532:65532\nSTOPSIGNAL SIGKILL\n\
         ENTRYPOINT [\"/spymission\"]\n"
    );
    let entry = "#!/bin/sh\ncase $1 in\n    health) exit 1 ;;\n    gateway | worker) exec sleep 86400 ;;\n\
        \x20   *) exec /program \"$@\" ;;\nesac\n";
    derived(tag, "unready", &dockerfile, &[("entry.sh", entry)]).await
}

/// One that hangs, whatever it is told to do.
///
/// # Errors
/// It could not be built.
pub(crate) async fn hanging(tag: &str) -> Result<String, Failure> {
    let nginx = stand_ins::nginx().await?;
    let dockerfile = format!(
        "FROM {nginx}\nUSER 65532:65532\nENTRYPOINT [\"sh\", \"-c\", \"exec sleep 86400\"]\n"
    );
    derived(tag, "hanging", &dockerfile, &[]).await
}

async fn derived(
    tag: &str,
    name: &str,
    dockerfile: &str,
    files: &[(&str, &str)],
) -> Result<String, Failure> {
    let context = folder().join(name);
    fs::create_dir_all(&context)?;
    fs::write(context.join("Dockerfile"), dockerfile)?;
    for (file, content) in files {
        let file = context.join(file);
        fs::write(&file, content)?;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    }
    let derived = format!("{}-{name}", tag.replace("spymission/spymission", "spymission/lab"));
    let mut build = docker(["build", "--quiet", "--tag", &derived]);
    build.arg(&context);
    output(build).await?;
    Ok(derived)
}
