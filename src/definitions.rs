//! `spymission topology definitions`: RabbitMQ's users, one for each role with no more rights than
//! it needs, as a definitions file. Passwords are read from the addresses that the roles use; the
//! file holds salted hashes of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus::Address;
use clap::ValueEnum;
use rand::Rng;
use schemas::topology::{
    DEAD_LETTERS, DECISION_QUEUE, DECISIONS, EVENTS, HALVES, LETTER_QUEUE, NAMESPACE, NUMBER_QUEUE,
    REPLIES, REQUEST_QUEUE, REQUESTS, event_queue, reply_queue,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Failure;
use crate::command::Definitions;
use crate::settings::{WrongSetting, read};

const USER: &str = "--user";

/// Who logs in to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Login {
    /// A gateway
    Gateway,
    /// A number worker
    Number,
    /// A letter worker
    Letter,
    /// A decider
    Decider,
    /// A persister
    Persister,
    /// Who declares the topology, and operators' tools
    Operator,
}

/// `ROLE=FILE`: the file holds the broker's address as this role writes it.
#[derive(Debug, Clone)]
pub(crate) struct UserFile {
    login: Login,
    file: PathBuf,
}

impl FromStr for UserFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (login, file) = text.split_once('=').ok_or("write ROLE=FILE")?;
        Ok(Self { login: Login::from_str(login, false)?, file: file.into() })
    }
}

/// What a user may do: names of exchanges and queues, and beginnings of names.
#[derive(Default)]
struct Rights {
    configure: Vec<String>,
    write: Vec<String>,
    read: Vec<String>,
}

impl Login {
    fn rights(self) -> Rights {
        match self {
            Self::Gateway => own(reply_queue::PREFIX, "gateway", REPLIES.name)
                .and(own(event_queue::PREFIX, "gateway", EVENTS.name))
                .and_writes(&[REQUESTS.name]),
            Self::Number => worker(NUMBER_QUEUE.name),
            Self::Letter => worker(LETTER_QUEUE.name),
            Self::Persister => worker(DECISION_QUEUE.name).and_writes(&[EVENTS.name]),
            Self::Decider => {
                let read = vec![exactly(REQUEST_QUEUE.name)];
                let mut exchanges = [REQUESTS, HALVES, DECISIONS, REPLIES, DEAD_LETTERS].to_vec();
                exchanges.sort_by_key(|exchange| exchange.name);
                let mut writes: Vec<_> = exchanges.iter().map(|exchange| exchange.name).collect();
                writes.push("amq.default"); // callers' own queues
                own(reply_queue::PREFIX, "decider", REPLIES.name)
                    .and(Rights { read, ..Rights::default() })
                    .and_writes(&writes)
            }
            Self::Operator => {
                let all = [NAMESPACE, reply_queue::PREFIX, event_queue::PREFIX].map(beginning);
                let rights = all.to_vec();
                Rights { configure: rights.clone(), write: rights.clone(), read: rights }
                    .and_writes(&["amq.default"])
            }
        }
    }

    /// What the management interface lets it do.
    fn tags(self) -> &'static [&'static str] {
        if self == Self::Operator { &["monitoring"] } else { &[] }
    }
}

impl Rights {
    fn and(mut self, other: Self) -> Self {
        self.configure.extend(other.configure);
        self.write.extend(other.write);
        self.read.extend(other.read);
        self
    }

    fn and_writes(mut self, names: &[&str]) -> Self {
        self.write.extend(names.iter().map(|name| exactly(name)));
        self
    }
}

/// A queue of its own: declared, bound to `source`, consumed.
fn own(prefix: &str, role: &str, source: &str) -> Rights {
    let name = beginning(&format!("{prefix}{role}."));
    Rights {
        configure: vec![name.clone()],
        write: vec![name.clone()],
        read: vec![name, exactly(source)],
    }
}

fn worker(queue: &str) -> Rights {
    Rights { read: vec![exactly(queue)], write: vec![exactly(REPLIES.name)], ..Rights::default() }
}

fn exactly(name: &str) -> String {
    format!("{}$", beginning(name))
}

/// Our names hold nothing that a pattern would take for more than itself, but the dot.
fn beginning(name: &str) -> String {
    name.replace('.', "\\.")
}

/// One pattern for RabbitMQ; nothing matches none.
fn pattern(names: &[String]) -> String {
    if names.is_empty() { "^$".to_owned() } else { format!("^({})", names.join("|")) }
}

/// Reads the addresses and writes the file.
///
/// # Errors
/// An address is missing or wrong, or the file cannot be written.
#[expect(clippy::print_stdout, reason = "the outcome of the command")]
pub(crate) fn write(settings: &Definitions) -> Result<(), Failure> {
    let mut users = Vec::new();
    for UserFile { login, file } in &settings.user {
        users.push(User::read(*login, file)?);
    }
    let text = format!("{:#}\n", definitions(&users)?);
    let Some(out) = &settings.out else {
        print!("{text}");
        return Ok(());
    };
    replace(out, &text)
        .map_err(|error| WrongSetting::new("--out", format!("{}: {error}", out.display())).into())
}

/// Whoever reads the file meanwhile reads all of the old one or all of the new one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, file)
}

/// A user as an address names it.
struct User {
    login: Login,
    name: String,
    password: String,
    vhost: String,
}

impl User {
    fn read(login: Login, file: &Path) -> Result<Self, WrongSetting> {
        let shown = file.display();
        let wrong =
            |why: &dyn std::fmt::Display| WrongSetting::new(USER, format!("{shown}: {why}"));
        match read(USER, file)?.trim().parse().map_err(|why| wrong(&why))? {
            Address::Amqp(uri) => {
                let authority = uri.authority.userinfo;
                if authority.username.is_empty() || authority.password.is_empty() {
                    return Err(wrong(&"the address names no user or no password"));
                }
                let (name, password) = (authority.username, authority.password);
                Ok(Self { login, name, password, vhost: uri.vhost })
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
        return Err(WrongSetting::new(USER, wrong));
    }
    let logins: Vec<_> = users
        .iter()
        .map(|User { login, name, password, .. }| {
            json!({"name": name, "tags": login.tags(), "password_hash": hashed(password),
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

/// As RabbitMQ keeps it: four bytes of salt, and SHA-256 of salt and password.
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
        let Rights { configure, write, read } = Login::Number.rights();
        assert_eq!(pattern(&configure), "^$");
        assert_eq!(pattern(&write), r"^(mission\.replies$)");
        assert_eq!(pattern(&read), r"^(mission\.numbers$)");
    }

    #[test]
    fn a_gateway_may_ask_and_not_answer() {
        let Rights { configure, write, read } = Login::Gateway.rights();
        assert_eq!(pattern(&configure), r"^(reply\.gateway\.|events\.gateway\.)");
        assert_eq!(pattern(&write), r"^(reply\.gateway\.|events\.gateway\.|mission\.requests$)");
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
        let wrong = definitions(&[user(Login::Gateway), user(Login::Number)]).unwrap_err();
        assert!(wrong.to_string().contains("\"same\""), "{wrong}");
    }
}
