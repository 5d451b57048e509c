//! The picture of the system for everybody: which roles and queues there are, without their state.

use std::sync::LazyLock;

use schemas::operations::{Finding, Level, Operations, QueueState, RoleState};
use schemas::topology::QUEUES;
use schemas::{CreatedAt, Role};

use super::picture::Picture;

/// The picture. It is the same in every gateway.
pub(super) static PIPELINE: LazyLock<Picture> = LazyLock::new(|| {
    let mut picture = Picture::of(&nothing_known());
    for drawn in &mut picture.roles {
        drawn.state = duty(drawn.role);
        drawn.rate.clear();
        drawn.latency.clear();
    }
    for drawn in &mut picture.queues {
        drawn.rate.clear();
        drawn.depth.clear();
        drawn.consumers.clear();
    }
    picture
});

/// What a role does, for a box.
fn duty(role: Role) -> String {
    match role {
        Role::Gateway => "answers after the commit".to_owned(),
        Role::Decider => "combines, by the casebook".to_owned(),
        Role::Part(part) => format!("draws {}", part.what()),
        Role::Persister => "stores, then replies".to_owned(),
    }
}

fn nothing_known() -> Operations {
    let roles = Role::ALL.map(|role| RoleState {
        role,
        rate: None,
        latency: None,
        batch: None,
        history: Vec::new(),
        missing: 0,
        replicas: Vec::new(),
    });
    let queues = QUEUES.map(|queue| QueueState {
        name: queue.name.to_owned(),
        exchange: queue.source.name.to_owned(),
        messages: None,
        consumers: None,
        most: None,
        rate: None,
        history: Vec::new(),
    });
    Operations {
        at: CreatedAt::truncated(time::OffsetDateTime::UNIX_EPOCH),
        hears: false,
        verdict: Finding { level: Level::Well, text: String::new(), next: None },
        notes: Vec::new(),
        roles: roles.into(),
        queues: queues.into(),
        dead_letters: None,
        incidents: Vec::new(),
        drills: None,
    }
}
