//! The machines: what their preparation leaves, and in which order.

use super::text;

/// sshd takes the first word about a setting, in the order of the files' names.
#[test]
fn nothing_of_a_provider_comes_before_what_ssh_is_told_about_passwords() {
    let tasks = text("ansible/roles/base/tasks/main.yml");
    let written = tasks.split("dest: /etc/ssh/sshd_config.d/").nth(1).unwrap();
    let name = written.split_whitespace().next().unwrap();
    assert!(name < "50-cloud-init.conf", "{name}");
    let of = |words: &str| tasks.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(
        of("notify: Reload SSH") < of("flush_handlers") && of("flush_handlers") < of("sshd -T")
    );
    of("loop: [passwordauthentication, kbdinteractiveauthentication]");
}

/// Handlers run on all machines at once.
#[test]
fn docker_is_restarted_on_one_machine_after_the_other_and_emptied_before() {
    let install = text("ansible/roles/docker/tasks/main.yml");
    assert!(!install.contains("notify:") && !install.contains("flush_handlers"), "{install}");
    let site = text("ansible/site.yml");
    let plays: Vec<&str> = site.split("\n- name: ").collect();
    let restart = plays.iter().find(|play| play.contains("tasks_from: restart")).unwrap();
    assert!(restart.contains("serial: 1\n"), "{restart}");
    let tasks = text("ansible/roles/docker/tasks/restart.yml");
    let of = |words: &str| tasks.find(words).unwrap_or_else(|| panic!("no {words}"));
    let empty = of("until: docker_running.stdout == ''");
    assert!(of("--availability, drain") < empty && empty < of("state: restarted"));
    assert!(of("state: restarted") < of("--availability, active"));
}

#[test]
fn no_machine_begins_a_swarm_because_it_is_the_first_of_the_inventory() {
    let tasks = text("ansible/roles/swarm/tasks/main.yml");
    let begins = tasks.split("\n    - name: ").find(|task| task.starts_with("Begin it")).unwrap();
    assert!(
        begins.trim_end().ends_with("when: inventory_hostname == swarm_first_manager"),
        "{begins}"
    );
    assert!(!tasks.contains("groups['managers'][0]"), "{tasks}");
}
