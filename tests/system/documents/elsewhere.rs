//! What no test of this kind can run, why, and which other test runs it.

use std::fs;
use std::path::Path;

use super::block::Block;
use super::root;

/// A block that is not run here.
pub struct Elsewhere {
    pub page: &'static str,
    /// How its first command begins.
    pub begins: &'static str,
    pub reason: &'static str,
    /// The name of a test, what a deployment test proves, or a script of the pipeline.
    pub shown_by: &'static str,
}

const DOCKER: &str = "needs Docker";
const MACHINES: &str = "needs three machines";
const ALL_TESTS: &str = "is what runs the tests";
const RUNBOOK: &str = "looks at a deployment on Docker";
const LOOKED_AT: &str = "every command of the runbook runs as it is printed";

const fn of_page(
    page: &'static str,
    begins: &'static str,
    reason: &'static str,
    shown_by: &'static str,
) -> Elsewhere {
    Elsewhere { page, begins, reason, shown_by }
}

const UP: &str = "docker compose up --wait returns when a mission came back";
const REPLACED: &str = "passwords and a certificate are replaced";
const RESTORED: &str = "a backup restores what was wiped, and replaces what stands";
const SCALE: &str = "--scale works for every role";
const README: &str = "README.md";
const OPERATIONS: &str = "docs/operations.md";
const SWARM: &str = "docs/swarm.md";
const DEBIAN: &str = "docs/debian.md";
const PACKED: &str = "`cargo xtask package` packs the program, twice";
const INSTALLED: &str = "installed as the guide says, five roles make a mission";

const PROMETHEUS: &str =
    "docker exec $(docker ps -qf label=com.docker.swarm.service.name=spymission_prometheus)";
const MYSQL: &str =
    "docker exec $(docker ps -qf label=com.docker.swarm.service.name=spymission_mysql)";

pub const ELSEWHERE: &[Elsewhere] = &[
    of_page(README, "cargo xtask test", ALL_TESTS, ".ci/run"),
    of_page(README, "docker build", DOCKER, UP),
    of_page(
        "docs/command-line.md",
        "spymission topology check",
        "needs a broker that is not as the table",
        "check_names_what_it_cannot_see_and_the_management_api_shows_all",
    ),
    of_page(
        "docs/make-it-yours.md",
        "git apply",
        "changes the tree",
        "a_tree_with_a_new_part_compiles_and_its_deployment_is_complete",
    ),
    of_page("docs/make-it-yours.md", "cargo test", ALL_TESTS, ".ci/run"),
    of_page(OPERATIONS, "docker build", DOCKER, "the image of all roles"),
    of_page(OPERATIONS, "docker create", DOCKER, "it says what is in it"),
    of_page(OPERATIONS, "cd compose", DOCKER, UP),
    of_page(OPERATIONS, "docker compose up -d --wait developer", DOCKER, "servers for developers"),
    of_page(OPERATIONS, "docker compose up -d --wait --no-recreate", DOCKER, SCALE),
    of_page(OPERATIONS, "docker compose up -d --wait --force-recreate", DOCKER, REPLACED),
    of_page(OPERATIONS, "./backup.sh", DOCKER, RESTORED),
    of_page(OPERATIONS, "docker compose exec -T mysql", DOCKER, RESTORED),
    of_page(OPERATIONS, "docker compose ps     ", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose --profile watch", DOCKER, "Prometheus finds every replica"),
    of_page(
        OPERATIONS,
        "docker compose --profile tools run --rm tools dead-letters",
        RUNBOOK,
        LOOKED_AT,
    ),
    of_page(OPERATIONS, "docker compose ps --all gateway", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose exec gateway", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose exec rabbitmq", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose exec mysql", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose ps --all\n", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose logs --since 15m nginx", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker stats", RUNBOOK, LOOKED_AT),
    of_page(OPERATIONS, "docker compose down", DOCKER, "down leaves nothing"),
    of_page(OPERATIONS, "cargo xtask deploy-test", DOCKER, "ci/try.sh"),
    of_page("docs/scaling.md", "docker compose up", DOCKER, SCALE),
    of_page(DEBIAN, "cargo xtask package", DOCKER, PACKED),
    of_page(DEBIAN, "minisign", DOCKER, "what is packed is signed, and a change is noticed"),
    of_page(DEBIAN, "apt-get update", DOCKER, INSTALLED),
    of_page(DEBIAN, "cd /etc/spymission", DOCKER, INSTALLED),
    of_page(DEBIAN, "systemctl enable", DOCKER, INSTALLED),
    of_page(
        DEBIAN,
        "apt-get install -y ./spymission_0.2.0-2",
        DOCKER,
        "an update under load fails no request",
    ),
    of_page(
        SWARM,
        "python3 -m venv",
        MACHINES,
        "Ansible makes a swarm that answers, of secrets in a vault",
    ),
    of_page(
        SWARM,
        "cd ansible\n",
        MACHINES,
        "settings that break are taken back, and the playbook fails",
    ),
    of_page(
        SWARM,
        "(umask 077; minisign",
        MACHINES,
        "an image that the operator has not signed is refused",
    ),
    of_page(
        SWARM,
        "docker service scale spymission_number",
        MACHINES,
        "they are mended and roles scaled under load",
    ),
    of_page(SWARM, PROMETHEUS, MACHINES, "Prometheus finds every task on all machines"),
    of_page(SWARM, MYSQL, MACHINES, "Back up and restore"),
    of_page(SWARM, "docker swarm leave", MACHINES, "A lost manager"),
    of_page(SWARM, "docker run", MACHINES, "`spymission check` passes on the swarm"),
    of_page(
        SWARM,
        "docker service scale spymission_mysql",
        MACHINES,
        "a backup restores what was wiped from the swarm",
    ),
    of_page(SWARM, "spymission-backup-at", MACHINES, "Return to a moment"),
    of_page(
        SWARM,
        "cd ansible/inventory",
        MACHINES,
        "passwords and certificates are rotated under load",
    ),
];

impl Elsewhere {
    pub fn is_of(&self, block: &Block) -> bool {
        let typed = block.text.get(2..).unwrap_or_default();
        block.language == "console" && block.page == self.page && typed.starts_with(self.begins)
    }
}

/// The entry of this block.
pub fn of(block: &Block) -> Option<&'static Elsewhere> {
    ELSEWHERE.iter().find(|entry| entry.is_of(block))
}

/// The text of every test.
pub fn sources() -> String {
    let mut text = String::new();
    for folder in ["tests", "schemas/tests"] {
        read(&root().join(folder), &mut text);
    }
    text
}

fn read(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, text);
        } else if path.extension().is_some_and(|is| is == "rs") && !path.ends_with("elsewhere.rs") {
            *text += &fs::read_to_string(path).unwrap();
        }
    }
}

/// Whether there is what the entry says that shows it.
pub fn has(tests: &str, entry: &Elsewhere) -> bool {
    let name = entry.shown_by;
    let declared = [format!("fn {name}("), format!("\"{name}\"")];
    root().join(name).is_file() || declared.iter().any(|words| tests.contains(words))
}
