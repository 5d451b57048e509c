//! `spymission missions show`: one mission, and the rules that applied.

use schemas::columns::TableRow;
use schemas::{Casebook, Mission};

use crate::cli::Show;
use crate::failure::Failure;
use crate::output;
use crate::tools::table::Table;

pub(super) async fn run(settings: Show) -> Result<(), Failure> {
    let (casebook, table) = (settings.rules.casebook()?, Table::open(&settings.database)?);
    let found = table.read(async |store| store.find(&[settings.id]).await).await?;
    table.store.close().await;
    if let Some(row) = found.unreadable.first() {
        return Err(Failure::Check(row.to_string()));
    }
    let unknown = || {
        let (id, address) = (settings.id, &table.address);
        Failure::Check(format!("there is no mission {id} in {address}: unknown or not yet stored"))
    };
    output::say(&block(found.missions.first().ok_or_else(unknown)?, &casebook))
}

fn block(mission: &Mission, casebook: &Casebook) -> String {
    let Mission { objective, target, .. } = mission;
    let columns = Mission::COLUMNS.iter().zip(mission.values());
    let lines: String =
        columns.map(|(column, value)| format!("{:<11} {value}\n", column.name)).collect();
    format!("{objective} {target}\n\n{lines}\n{}\n", rules(mission, casebook))
}

/// The rules that applied, if this is the casebook that made the mission.
fn rules(mission: &Mission, casebook: &Casebook) -> String {
    if mission.casebook != *casebook.name() {
        let name = &mission.casebook;
        return format!("To see which rules of `{name}` applied, name its file with --casebook.");
    }
    let why = casebook.explain(&mission.dossier);
    if (&why.objective.text, &why.target.text) == (&mission.objective, &mission.target) {
        return why.to_string();
    }
    let (name, objective, target) = (casebook.name(), &why.objective.text, &why.target.text);
    format!(
        "This casebook `{name}` is not the one that made the mission: it gives \"{objective} {target}\"."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mission(objective: &str, casebook: &str) -> Mission {
        let json = format!(
            r#"{{"id":"01a20395-78d2-7724-afc9-ae760b63f500","dossier":"19 z 19 n 3 p 7 d 3 l 10 f",
            "objective":"{objective}","target":"the flask developer","casebook":"{casebook}",
            "created_at":"2026-11-22T14:07:37.171589Z"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn rules_are_shown_only_for_the_casebook_that_made_the_mission() {
        let malory = Casebook::malory().unwrap();
        let told = |objective: &str, casebook: &str| rules(&mission(objective, casebook), &malory);
        let right = told("Steal the DB_URI from", "malory");
        assert!(right.contains("number = 19") && right.contains("letters = \"z\""), "{right}");
        assert!(told("Steal the DB_URI from", "mine").contains("with --casebook"));
        let changed = told("Follow", "malory");
        assert!(
            changed.contains("not the one") && changed.contains("Steal the DB_URI"),
            "{changed}"
        );
    }
}
