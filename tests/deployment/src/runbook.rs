//! The commands that the guide prints for operators who look at a deployment, run as they are printed.

use std::fs;

use crate::composition::Composition;
use crate::facts::expect;
use crate::nginx::code;
use xtask::Failure;
use xtask::workspace::root;

const GUIDE: &str = "docs/operations.md";
/// The heading of what an operator looks at on any day.
const OBSERVE: &str = "### Observe";
/// How the heading of an alert begins. Its section says what to do about it.
const ALERT: &str = "#### ";

/// A command, and the heading that it stands under.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) heading: String,
    pub(crate) command: String,
}

/// Runs each of them on a deployment that has just turned a caller away, so that there is such a line
/// in nginx's log.
pub(crate) async fn runs(c: &Composition) -> Result<String, Failure> {
    c.compose(&["kill", "gateway"]).await?;
    let refused = code(c, &["--request", "POST", &format!("{}/missions", c.door())]).await?;
    c.compose(&["up", "--detach", "--wait", "--no-recreate", "gateway"]).await?;
    expect(refused.starts_with('5'), || format!("{refused} without a gateway"))?;
    let steps = steps(&fs::read_to_string(root().join(GUIDE))?);
    for Step { heading, command } in &steps {
        c.in_compose(&["-c", command]).await.map_err(|why| format!("{heading}: {why}"))?;
    }
    Ok(format!("{} commands of {GUIDE}", steps.len()))
}

/// The command of the guide that begins like this, with the lines that it goes on.
pub(crate) fn command(begins: &str) -> Result<String, Failure> {
    let guide = fs::read_to_string(root().join(GUIDE))?;
    let from =
        guide.split(&format!("\n$ {begins}")).nth(1).ok_or("the guide has no such command")?;
    let text = from.split("\n```").next().unwrap_or_default();
    Ok(format!("{begins}{text}"))
}

/// The commands of the guide below these headings.
pub(crate) fn steps(guide: &str) -> Vec<Step> {
    let (mut heading, mut steps, mut inside) = ("", Vec::new(), false);
    for line in guide.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if !inside && line.starts_with('#') {
            heading = line;
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside)
            && (heading == OBSERVE || heading.starts_with(ALERT))
        {
            steps.push(Step { heading: heading.to_owned(), command: command.to_owned() });
        }
    }
    steps
}
