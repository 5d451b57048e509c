//! Who may do what in the database and on the broker, compared with what is declared.

use std::collections::BTreeSet;

use schemas::grants::DatabaseLogin;
use schemas::{Part, Role};

use crate::composition::Composition;
use crate::facts::expect;
use xtask::Failure;

/// Statements that must be refused.
const REFUSED: [(&str, &str); 9] = [
    ("gateway", "INSERT INTO missions VALUES ()"),
    ("gateway", "DELETE FROM dead_letters"),
    ("persister", "UPDATE missions SET target = ''"),
    ("persister", "INSERT INTO dead_letter_actions VALUES ()"),
    ("persister", "DROP TABLE missions"),
    ("prune", "INSERT INTO missions VALUES ()"),
    ("prune", "DELETE FROM _sqlx_migrations"),
    ("migrate", "CREATE USER x"),
    ("operator", "SELECT user FROM mysql.user"),
];

/// The users of MySQL and RabbitMQ have what is declared.
pub(crate) async fn least(c: &Composition) -> Result<String, Failure> {
    for (user, statement) in REFUSED {
        let said = c.sql(user, statement).await;
        let denied = said.as_ref().is_err_and(|why| why.to_string().contains("denied"));
        expect(denied, || format!("{user} may {statement}: {said:?}"))?;
    }
    let logins = DatabaseLogin::all();
    for login in &logins {
        let shown = c.sql(login.name(), "SHOW GRANTS").await?;
        let (has, needs) = (granted(&shown), declared(*login));
        expect(has == needs, || format!("{} has {has:?}, not {needs:?}", login.name()))?;
    }
    let list = ["exec", "-T", "rabbitmq", "rabbitmqctl", "--quiet", "list_permissions"];
    let listed = c.compose(&list).await?;
    let lines: Vec<_> = listed.lines().filter(|line| line.contains("mission")).collect();
    let part = Part::Number.name();
    let number =
        format!("{part}\t^$\t^(mission\\.events$|mission\\.replies$)\t^(mission\\.numbers$)");
    let users = Role::ALL.len() + 1; // the operator
    expect(lines.len() == users, || format!("permissions: {listed}"))?;
    let has_number = lines.iter().any(|line| sorted(line) == sorted(&number));
    expect(has_number, || format!("permissions: {listed}"))?;
    let list = ["exec", "-T", "rabbitmq", "rabbitmqctl", "--quiet", "list_users"];
    let listed = c.compose(&list).await?;
    expect(!listed.contains("guest"), || format!("guest is there: {listed}"))?;
    Ok(format!(
        "{} statements refused, {} users of MySQL as declared, {users} of RabbitMQ, no guest",
        REFUSED.len(),
        logins.len()
    ))
}

/// The names in a pattern of RabbitMQ, in no order.
fn sorted(line: &str) -> BTreeSet<&str> {
    line.split(['\t', '(', '|', ')']).collect()
}

/// `TABLE PRIVILEGE`, for each privilege in `SHOW GRANTS`.
fn granted(shown: &str) -> BTreeSet<String> {
    let grants = shown.lines().filter_map(|line| line.strip_prefix("GRANT ")?.split_once(" ON "));
    let grants = grants.filter(|(privileges, _)| *privileges != "USAGE"); // may log in
    let each = grants.flat_map(|(privileges, rest)| {
        let place = rest.split(" TO ").next().unwrap_or_default().replace('`', "");
        let ours = place.strip_prefix("spymission.").or_else(|| place.strip_prefix("spymission_"));
        each_on(ours.unwrap_or(&place), privileges)
    });
    each.collect()
}

/// The same, as it is declared.
fn declared(login: DatabaseLogin) -> BTreeSet<String> {
    let grants = login.grants();
    let each = grants.iter().flat_map(|g| each_on(g.table.unwrap_or("*"), g.privileges));
    each.collect()
}

fn each_on(table: &str, privileges: &str) -> Vec<String> {
    privileges.split(',').map(|privilege| format!("{table} {}", privilege.trim())).collect()
}

/// The tool that an operator runs first finds nothing.
pub(crate) async fn check(c: &Composition) -> Result<String, Failure> {
    let run = ["--profile", "tools", "run", "--rm", "-T", "tools", "check"];
    passed(&c.compose(&run).await?)
}

/// The checks of `spymission check`: all passed. A busy machine is slow, which is no fault of what is
/// deployed; there is no other warning.
pub(crate) fn passed(said: &str) -> Result<String, Failure> {
    let slow = |line: &str| line.starts_with("warning") && line.contains(" round trip ");
    let fine = |line: &&str| line.starts_with("ok ") || slow(line);
    let (checks, all) = (said.lines().filter(fine).count(), said.lines().count());
    let end = said.lines().last().unwrap_or_default();
    expect(end.starts_with("all checks passed") && checks + 1 == all, || said.to_owned())?;
    Ok(format!("{checks} checks passed"))
}
