//! Which manager the machines join, without machines: Ansible asks programs that stand for Docker.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::docker::output;
use crate::facts::expect;
use crate::machines::folder;
use crate::tools::{install, tool};
use xtask::Failure;

const PLAYBOOK: &str = "\
- hosts: swarm
  gather_facts: false
  environment: {PATH: 'BIN/{{ inventory_hostname }}:{{ lookup(\"env\", \"PATH\") }}'}
  tasks:
    - ansible.builtin.include_role: {name: swarm, tasks_from: first}
    - ansible.builtin.debug: {msg: 'they join {{ swarm_first_manager }}'}
";
const INVENTORY: &str = "\
swarm:
  vars: {ansible_connection: local, ansible_python_interpreter: '{{ ansible_playbook_python }}'}
  children:
    managers: {hosts: {new: , old: }}
    workers: {hosts: {worker: }}
";

/// What `docker info` says on each machine, and which manager is joined; none if that is refused.
type Case = ([&'static str; 3], Option<&'static str>);
const CASES: [Case; 4] = [
    (["inactive false", "inactive false", "inactive false"], Some("new")),
    (["active true", "active true", "active false"], Some("new")),
    (["inactive false", "active true", "active false"], Some("old")),
    (["inactive false", "inactive false", "active false"], None),
];

/// A machine that is new and the first of the inventory begins no second swarm.
pub(crate) async fn manager() -> Result<String, Failure> {
    install().await?;
    let folder = folder().join("choices");
    let _ = fs::remove_dir_all(&folder); // of the run before
    fs::create_dir_all(&folder)?;
    let bin = folder.display().to_string();
    fs::write(folder.join("hosts.yml"), INVENTORY)?;
    fs::write(folder.join("play.yml"), PLAYBOOK.replace("BIN", &bin))?;
    for (says, joined) in CASES {
        for (host, state) in ["new", "old", "worker"].iter().zip(says) {
            let docker = folder.join(host).join("docker");
            fs::create_dir_all(folder.join(host))?;
            fs::write(&docker, format!("#!/bin/sh\necho {state}\n"))?;
            fs::set_permissions(docker, fs::Permissions::from_mode(0o755))?;
        }
        let mut play = tool("ansible-playbook");
        play.arg("--inventory").arg(folder.join("hosts.yml")).arg(folder.join("play.yml"));
        let said = output({
            play.env("ANSIBLE_ROLES_PATH", xtask::workspace::root().join("ansible/roles"));
            play
        })
        .await;
        let as_wanted = match (&said, joined) {
            (Ok(said), Some(manager)) => said.matches(&format!("they join {manager}")).count() == 3,
            (Err(why), None) => why.to_string().contains("belong to a swarm"),
            _ => false,
        };
        expect(as_wanted, || format!("{says:?}: {said:?}"))?;
    }
    Ok(format!("{} states of three machines", CASES.len()))
}
