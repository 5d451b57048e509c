//! The fenced blocks of a page.

use std::fs;

/// A fenced block.
pub struct Block {
    pub page: String,
    /// What follows its fence: `console`, `sh`, `rust`; nothing for a drawing.
    pub language: String,
    pub text: String,
}

/// A command, and the lines that it is shown to print.
#[derive(Debug, PartialEq)]
pub struct Command {
    pub typed: String,
    pub shown: Vec<String>,
}

/// The blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(super::root().join(page)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = None;
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (fence, inside) {
            (Some(language), None) => {
                inside = Some(line.len() - line.trim_start().len());
                let (page, language) = (page.to_owned(), language.to_owned());
                blocks.push(Block { page, language, text: String::new() });
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(margin)) => {
                let block = blocks.last_mut().unwrap();
                block.text += line.get(margin..).unwrap_or_default();
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(inside.is_none(), "{page} ends inside a block");
    blocks
}

impl Block {
    /// Its commands: a prompt of a user, `$`, or of root, `#`.
    pub fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        for line in self.text.lines() {
            let typed = line.strip_prefix("$ ").or_else(|| line.strip_prefix("# "));
            match (typed, commands.last_mut()) {
                (Some(typed), _) => {
                    commands.push(Command { typed: typed.to_owned(), shown: Vec::new() });
                }
                (None, Some(last)) if last.typed.ends_with('\\') && last.shown.is_empty() => {
                    last.typed += "\n";
                    last.typed += line;
                }
                (None, Some(last)) => last.shown.push(line.to_owned()),
                (None, None) => panic!("{}: a block begins without a command: {line}", self.page),
            }
        }
        commands
    }
}

#[test]
fn a_block_has_commands_of_several_lines_and_what_they_print() {
    let text = "$ one \\\n    --two\n# three\nsaid\n";
    let block = Block { page: String::new(), language: "console".into(), text: text.into() };
    let command = |typed: &str, shown: &[&str]| Command {
        typed: typed.to_owned(),
        shown: shown.iter().map(|line| (*line).to_owned()).collect(),
    };
    let read = block.commands();
    assert_eq!(read, [command("one \\\n    --two", &[]), command("three", &["said"])]);
}
