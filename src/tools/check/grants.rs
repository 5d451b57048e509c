//! Reads `SHOW GRANTS`. Only what it says directly is counted.

/// Whether these grants allow a user to migrate this database. Roles may grant more than is seen.
pub(super) fn let_migrate(grants: &[String], database: &str) -> bool {
    ["CREATE", "ALTER", "INDEX"]
        .iter()
        .all(|right| grants.iter().any(|grant| gives(grant, right, database)))
}

/// `GRANT SELECT, INSERT ON `spymission`.* TO …`
fn gives(grant: &str, right: &str, database: &str) -> bool {
    let Some((rights, rest)) =
        grant.strip_prefix("GRANT ").and_then(|grant| grant.split_once(" ON "))
    else {
        return false; // a role
    };
    let place = rest.split_once(" TO ").map_or(rest, |(place, _)| place);
    let name = place.trim_end_matches(".*").trim_matches('`').replace('\\', "");
    let here = place.ends_with(".*") && (name == "*" || name == database);
    let has = |given: &str| given.trim() == right || given.trim().starts_with("ALL PRIVILEGES");
    here && rights.split(',').any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_may_migrate_who_may_create_alter_and_index_there() {
        for (grants, may) in [
            (&["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"][..], true),
            (
                &["GRANT USAGE ON *.* TO `u`@`%`", "GRANT ALL PRIVILEGES ON `spy`.* TO `u`@`%`"],
                true,
            ),
            (&["GRANT SELECT, CREATE, ALTER, INDEX ON `spy`.* TO `u`@`%`"], true),
            (&["GRANT CREATE ON *.* TO `u`@`%`", "GRANT ALTER, INDEX ON `spy`.* TO `u`@`%`"], true),
            (&["GRANT SELECT, INSERT ON `spy`.* TO `u`@`%`"], false),
            (&["GRANT ALL PRIVILEGES ON `other`.* TO `u`@`%`"], false),
            (&["GRANT ALL PRIVILEGES ON `spy`.`missions` TO `u`@`%`"], false),
            (&["GRANT `writers`@`%` TO `u`@`%`"], false),
            (&[], false),
        ] {
            let grants: Vec<_> = grants.iter().map(|grant| (*grant).to_owned()).collect();
            assert_eq!(let_migrate(&grants, "spy"), may, "{grants:?}");
        }
    }
}
