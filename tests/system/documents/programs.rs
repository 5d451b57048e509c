//! The programs that the commands of a page find first.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use testkit::servers::Rabbit;

use super::broker::Broker;

/// Of the workspace's `cargo run` the binary under test; an example is built by cargo itself.
const CARGO: &str = r#"#!/bin/sh
[ "$1" = run ] || { echo "the test has no cargo $1" >&2; exit 64; }
shift
while [ $# -gt 0 ]; do
    case $1 in
        --release|--quiet) shift ;;
        --example) cd "$ROOT" && PATH=${PATH#*:} && exec cargo run --quiet "$@" ;;
        --) shift; break ;;
        *) break ;;
    esac
done
exec spymission "$@"
"#;

/// Of Docker what the service `tools` of Compose does, as a process with the same settings.
const DOCKER: &str = r#"#!/bin/sh
case $* in
    "compose --profile tools run --rm tools "*) shift 6 ;;
    *) echo "the test has no docker $*" >&2; exit 64 ;;
esac
"#;

/// Writes them into this folder: `spymission`, `cargo`, the `docker` of tools, and with a node its
/// `rabbitmqctl`.
pub fn write(folder: &Path, broker: &Broker, database: &str) {
    fs::create_dir(folder).unwrap();
    symlink(env!("CARGO_BIN_EXE_spymission"), folder.join("spymission")).unwrap();
    script(&folder.join("cargo"), CARGO);
    let settings =
        format!("export SPYMISSION_BROKER='{}' SPYMISSION_DATABASE='{database}'", broker.url());
    let docker = format!("{DOCKER}{settings}\nexec spymission \"$@\"\n");
    script(&folder.join("docker"), &docker);
    if let Broker::Own(node) = broker {
        script(&folder.join("rabbitmqctl"), &rabbitmqctl(node));
    }
}

/// `rabbitmqctl` as the user who runs the node, as administrators call it.
fn rabbitmqctl(node: &Rabbit) -> String {
    let command = node.rabbitmqctl();
    let mut text = "#!/bin/sh\n".to_owned();
    for (name, value) in command.get_envs() {
        let name = name.to_str().unwrap();
        text += &value.map_or_else(
            || format!("unset {name}\n"),
            |value| format!("export {name}='{}'\n", value.to_str().unwrap()),
        );
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
    format!("{text}exec {} \"$@\"\n", words.join(" "))
}

fn script(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}
