use schemas::topology::{DEAD_LETTERS, EVENTS, EXCHANGES, QUEUES, Role};

use super::*;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The texts between these two, in the order in which they stand.
fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
}

#[test]
fn each_picture_is_drawn_of_its_text_and_shown_in_the_documentation() {
    let pages = ["README.md", "ARCHITECTURE.md", "docs/topology.md", "docs/swarm.md"];
    let pages: String = pages.map(read).concat();
    let texts = texts().unwrap();
    assert_eq!(texts.len(), 5, "{texts:?}");
    for text in texts {
        let picture = fs::read_to_string(text.with_extension("svg")).unwrap();
        let mark = mark(&fs::read_to_string(&text).unwrap());
        assert!(picture.contains(&mark), "{}: cargo xtask pictures", text.display());
        let name = text.with_extension("svg").file_name().unwrap().to_owned();
        let shown = format!("pictures/{})", name.to_str().unwrap());
        assert!(pages.contains(&shown), "nothing shows {shown}");
    }
}

#[test]
fn the_way_of_a_mission_shows_every_role_and_every_exchange_and_queue_on_it() {
    let text = read("docs/pictures/mission.dot");
    let off = [DEAD_LETTERS.name, EVENTS.name];
    let names = EXCHANGES.iter().map(|e| e.name).chain(QUEUES.iter().map(|q| q.name));
    let names = names.filter(|name| !off.contains(name)).map(str::to_owned);
    for name in names.chain(Role::ALL.map(Role::title)) {
        assert!(text.contains(&format!("[label=\"{name}\"")), "{name}");
    }
}

#[test]
fn the_picture_of_the_system_shows_every_role() {
    let text = read("docs/pictures/system.dot");
    for role in Role::ALL {
        assert!(text.contains(&format!("[label=\"{}\\n", role.title())), "{}", role.title());
    }
}

#[test]
fn the_picture_of_the_tables_shows_their_columns_in_their_order() {
    let text = read("docs/pictures/tables.dot");
    for file in ["0001_missions", "0003_dead_letters"] {
        let migration = read(&format!("schemas/migrations/mysql/{file}.sql"));
        for table in between(&migration, "CREATE TABLE ", ") ENGINE") {
            let (name, columns) = table.split_once(" (").unwrap();
            let columns = columns.lines().filter_map(|line| {
                let column = line.trim().split(' ').next()?;
                column.starts_with(|c: char| c.is_ascii_lowercase()).then_some(column)
            });
            let title = format!("<b>{name}</b>");
            let shown = between(&text, &title, "</table>").next().unwrap();
            let shown = between(shown, "<tr><td", "</td>");
            let shown = shown.map(|cell| cell.split_once('>').unwrap().1);
            assert!(columns.eq(shown), "{name}");
        }
    }
}

#[test]
fn the_picture_of_the_delivery_shows_every_script_of_the_jenkinsfile() {
    let (text, pipeline) = (read("docs/pictures/delivery.dot"), read("Jenkinsfile"));
    let scripts: Vec<_> = between(&pipeline, "'ci/", ".sh'").collect();
    assert!(scripts.len() > 8, "{scripts:?}");
    for script in scripts {
        assert!(text.contains(&format!("ci/{script}.sh\"")), "{script}");
    }
}
