//! What runs is what was tested: every image of the swarm by its digest.

use xtask::workspace::root;

use super::text;
use crate::images::sources;

/// A tag may name another image tomorrow.
#[test]
fn the_stack_names_no_image_by_a_tag() {
    let stack = text("compose/stack.yaml");
    let images: Vec<&str> =
        stack.lines().filter_map(|line| line.trim().strip_prefix("image: ")).collect();
    assert!(images.len() > 4, "{images:?}");
    for image in images {
        assert!(image.contains(":?"), "{image} has a default");
    }
}

#[test]
fn the_playbook_refuses_every_image_without_a_digest() {
    let tasks = text("ansible/roles/application/tasks/main.yml");
    let first = tasks.split("\n- name: ").nth(1).unwrap();
    let (assertion, images) = first.split_once("images:").unwrap();
    assert!(assertion.contains("'.+@sha256:[0-9a-f]{64}$'"), "{assertion}");
    for option in text("ansible/roles/application/meta/argument_specs.yml").lines() {
        let option = option.trim().trim_end_matches(':');
        if option.starts_with("application_") && option.ends_with("image") {
            assert!(images.contains(option), "{option} is not looked at");
        }
    }
}

/// The gateway serves texts of the documentation, so their change makes another image.
#[test]
fn the_image_is_made_of_what_docker_is_given() {
    let sources = sources().unwrap();
    for file in ["compose/Dockerfile", "README.md", "docs/http.md", "gateway", "Cargo.lock"] {
        assert!(sources.contains(&root().join(file)), "{file} is not in {sources:?}");
    }
    for other in ["docs", "compose", "tests", "CHANGELOG.md"] {
        assert!(!sources.contains(&root().join(other)), "{other} is in {sources:?}");
    }
    assert!(sources.iter().all(|file| file.exists()), "{sources:?}");
}

#[test]
fn an_image_is_checked_before_anything_else_is_done_with_it() {
    let tasks = text("ansible/roles/application/tasks/main.yml");
    let of = |words: &str| tasks.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(of("include_tasks: signature.yml") < of("docker info"));
    assert!(of("include_tasks: signature.yml") < of("include_tasks: files.yml"));
    let signature = text("ansible/roles/application/tasks/signature.yml");
    assert!(signature.contains("rc | default(1) == 0"), "no program, no image: {signature}");
}
