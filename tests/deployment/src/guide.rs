//! The commands that a page of the documentation tells its reader to type.

/// Marks of what is tested; they are no part of a command.
const MARKS: [char; 2] = ['✓', '☑'];

/// The commands below a heading that begin with this prompt, without marks. A line that ends with `\` goes on.
pub(crate) fn commands(guide: &str, heading: &str, prompt: char) -> Vec<String> {
    let below = guide.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_default();
    let section = below.split("\n## ").next().unwrap_or_default();
    let (mut inside, mut commands) = (false, Vec::new());
    let mut open: Option<String> = None;
    for line in section.lines() {
        if line.starts_with("```") {
            inside = !inside;
            continue;
        }
        let line = line.split(MARKS).next().unwrap_or_default().trim_end();
        let begun = line.strip_prefix(prompt).and_then(|rest| rest.strip_prefix(' '));
        let text = match (open.take(), begun) {
            (Some(before), _) => format!("{before} {}", line.trim_start()),
            (None, Some(command)) if inside => command.to_owned(),
            _ => continue,
        };
        match text.strip_suffix('\\') {
            Some(unfinished) => open = Some(unfinished.trim_end().to_owned()),
            None => commands.push(text),
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_taken_without_marks_and_in_whole() {
        let guide = "\n## A\n\n```console\n$ one   ✓ done\n$ two \\\n    three\n# four\n```\n$ five\n\n## B\n";
        assert_eq!(commands(guide, "A", '$'), ["one", "two three"]);
        assert_eq!(commands(guide, "A", '#'), ["four"]);
    }
}
