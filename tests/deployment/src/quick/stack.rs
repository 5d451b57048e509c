//! The defaults of production.

use super::text;

/// Behind the mesh nginx would see one address for all callers of a machine, and limit them as one.
#[test]
fn nginx_and_the_gateways_see_who_calls() {
    let stack = text("compose/stack.yaml");
    assert_eq!(stack.matches("mode: \"${SPYMISSION_PORT_MODE:-host}\"").count(), 2);
    assert!(stack.contains("SPYMISSION_TRUST_PROXY: 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16\n"));
    let proxy = text("compose/nginx/proxy.conf");
    assert!(proxy.contains("\nproxy_set_header X-Forwarded-For $remote_addr;\n"), "{proxy}");
    let defaults = text("ansible/roles/application/defaults/main.yml");
    assert!(defaults.contains("application_port_mode: host\n"), "{defaults}");
}

/// `auto` starts a process for each core of the machine, and each container has a limit of processes.
#[test]
fn nginx_has_as_many_processes_as_its_container_may_use() {
    let nginx = text("compose/nginx/nginx.conf");
    let workers = nginx.lines().find_map(|line| line.strip_prefix("worker_processes "));
    let workers = workers.and_then(|rest| rest.split(';').next()?.parse::<u32>().ok());
    assert!(workers.is_some_and(|workers| workers <= 8), "{workers:?}");
}

#[test]
fn what_a_gateway_and_a_decider_can_be_told_has_a_variable() {
    let (stack, compose) = (text("compose/stack.yaml"), text("compose/compose.yaml"));
    let role = text("ansible/roles/application/vars/main.yml");
    for name in ["CASEBOOK", "RATE", "CORS", "CONNECTIONS"] {
        let read = format!("SPYMISSION_{name}: ${{SPYMISSION_{name}:");
        for (file, text) in [("stack.yaml", &stack), ("compose.yaml", &compose)] {
            assert!(text.contains(&read), "{file}: no {read}");
        }
        let given = format!("SPYMISSION_{name}: \"{{{{");
        assert!(role.contains(&given), "no {given}");
    }
}

/// Another patience with a role replaces no nginx: while one is replaced, its machine refuses callers.
#[test]
fn nginx_does_not_change_with_the_patience_for_roles() {
    let stack = text("compose/stack.yaml");
    let (roles, nginx) = stack.split_once("\n  nginx:\n").unwrap();
    assert_eq!(roles.matches("SPYMISSION_HEALTH_RETRIES").count(), 1);
    let nginx = nginx.split("\n  rabbitmq:\n").next().unwrap();
    assert!(nginx.contains("retries: ") && !nginx.contains("HEALTH_RETRIES"), "{nginx}");
}
