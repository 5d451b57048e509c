//! `spymission topology definitions`: RabbitMQ's users as a definitions file, one for each role, with
//! only the permissions it needs. Names and passwords come from the addresses that the roles use. The
//! file contains salted hashes of the passwords.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus::Address;
use rand::Rng;
use schemas::topology::{Login, Names, Rights};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::{Definitions, UserFile};
use crate::failure::Failure;
use crate::output;
use crate::settings::{Setting, WrongSetting, read};

const USER: Setting = Setting::new("--user", "SPYMISSION_USERS");
const OUT: Setting = Setting::new("--out", "SPYMISSION_OUT");

/// The tags of this login, which say what the management interface allows.
fn tags(login: Login) -> &'static [&'static str] {
    if login == Login::Operator { &["monitoring"] } else { &[] }
}

/// A regular expression for RabbitMQ; an empty list matches nothing. The only special character in
/// our names is the dot.
fn pattern(names: &[Names]) -> String {
    let each = names.iter().map(|name| match name {
        Names::Exactly(name) => format!("{}$", name.replace('.', "\\.")),
        Names::Beginning(beginning) => beginning.replace('.', "\\."),
    });
    let all = each.collect::<Vec<_>>().join("|");
    if all.is_empty() { "^$".to_owned() } else { format!("^({all})") }
}

/// Reads the addresses and writes the definitions.
///
/// # Errors
/// An address is missing or wrong, or the file cannot be written.
pub(crate) fn write(settings: &Definitions) -> Result<(), Failure> {
    let mut users = Vec::new();
    for UserFile { role, file } in &settings.user {
        let login = Login::parse(role).ok_or_else(|| {
            let names: Vec<_> = Login::all().into_iter().map(Login::name).collect();
            USER.wrong(format!("{role:?} is not a role: write one of {}", names.join(", ")))
        })?;
        users.push(User::read(login, file)?);
    }
    let text = format!("{:#}\n", definitions(&users)?);
    let Some(out) = &settings.out else {
        return output::say(&text);
    };
    replace(out, &text).map_err(|error| OUT.wrong(format!("{}: {error}", out.display())).into())
}

/// Replaces the file as a whole: a reader sees either the old or the new one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, file)
}

/// A user as named in an address.
struct User {
    login: Login,
    name: String,
    password: String,
    vhost: String,
}

impl User {
    fn read(login: Login, file: &Path) -> Result<Self, WrongSetting> {
        let shown = file.display();
        let wrong = |why: &dyn std::fmt::Display| USER.wrong(format!("{shown}: {why}"));
        match read(USER, file)?.trim().parse().map_err(|why| wrong(&why))? {
            Address::Amqp(nodes) => {
                let [name, password, vhost] =
                    [nodes.user(), nodes.password(), nodes.vhost()].map(str::to_owned);
                if name.is_empty() || password.is_empty() {
                    return Err(wrong(&"the address names no user or no password"));
                }
                if name == "guest" {
                    return Err(wrong(&"everybody knows guest: name a user for this role alone"));
                }
                Ok(Self { login, name, password, vhost })
            }
            Address::Memory => Err(wrong(&"memory: has no users")),
        }
    }
}

fn definitions(users: &[User]) -> Result<Value, WrongSetting> {
    let vhosts: BTreeSet<_> = users.iter().map(|user| user.vhost.as_str()).collect();
    let mut names = BTreeSet::new();
    if let Some(twice) = users.iter().find(|user| !names.insert(user.name.as_str())) {
        let wrong = format!("two roles log in as {:?}: each needs a user of its own", twice.name);
        return Err(USER.wrong(wrong));
    }
    let logins: Vec<_> = users
        .iter()
        .map(|User { login, name, password, .. }| {
            json!({"name": name, "tags": tags(*login), "password_hash": hashed(password),
                   "hashing_algorithm": "rabbit_password_hashing_sha256"})
        })
        .collect();
    let permissions: Vec<_> = users
        .iter()
        .map(|User { login, name, vhost, .. }| {
            let Rights { configure, write, read } = login.rights();
            json!({"user": name, "vhost": vhost, "configure": pattern(&configure),
                   "write": pattern(&write), "read": pattern(&read)})
        })
        .collect();
    let vhosts: Vec<_> = vhosts.iter().map(|name| json!({"name": name})).collect();
    Ok(json!({"users": logins, "vhosts": vhosts, "permissions": permissions}))
}

/// The hash as RabbitMQ stores it: four bytes of salt, then SHA-256 of salt and password.
fn hashed(password: &str) -> String {
    let mut salt = [0; 4];
    rand::rng().fill_bytes(&mut salt);
    salted(salt, password)
}

fn salted(salt: [u8; 4], password: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(password).finalize();
    STANDARD.encode([&salt[..], &digest[..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::{Part, Role};

    #[test]
    fn a_hash_is_as_rabbitmq_documents_it() {
        // "Computing the Password Hash" in RabbitMQ's guide on passwords.
        let documented = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";
        assert_eq!(salted([0x90, 0x8d, 0xc6, 0x0a], "test12"), documented);
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        assert_ne!(hashed("same"), hashed("same"));
    }

    #[test]
    fn a_number_worker_reads_its_queue_and_answers_and_nothing_else() {
        let Rights { configure, write, read } = Login::Role(Role::Part(Part::Number)).rights();
        assert_eq!(pattern(&configure), "^$");
        assert_eq!(pattern(&write), r"^(mission\.replies$|mission\.events$)");
        assert_eq!(pattern(&read), r"^(mission\.numbers$)");
    }

    #[test]
    fn a_gateway_may_ask_and_not_answer() {
        let Rights { configure, write, read } = Login::Role(Role::Gateway).rights();
        assert_eq!(pattern(&configure), r"^(reply\.gateway\.|events\.gateway\.)");
        assert_eq!(
            pattern(&write),
            r"^(reply\.gateway\.|events\.gateway\.|mission\.requests$|mission\.events$)"
        );
        assert_eq!(
            pattern(&read),
            r"^(reply\.gateway\.|mission\.replies$|events\.gateway\.|mission\.events$)"
        );
    }

    #[test]
    fn two_roles_never_share_a_user() {
        let user = |login| User {
            login,
            name: "same".into(),
            password: "secret".into(),
            vhost: "/".into(),
        };
        let wrong =
            definitions(&[user(Login::Role(Role::Gateway)), user(Login::Role(Role::Decider))])
                .unwrap_err();
        assert!(wrong.to_string().contains("\"same\""), "{wrong}");
    }
}
