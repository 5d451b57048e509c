//! RabbitMQ names only the first argument that differs. If that is one that may differ, such as a limit
//! that an operator has set, another argument may differ, too.

use schemas::topology::{Argument, Queue};

use super::channels::Channels;
use super::declaration::{Outcome, declare_queue};
use crate::Fault;

/// Whether the refused queue differs from the table only in what may differ. It is declared with the
/// arguments that it has, one after the other, until nothing differs. That changes nothing.
pub(super) async fn are_all_that_differs(
    channels: &Channels,
    queue: &Queue,
    refusal: &str,
) -> Result<bool, Fault> {
    let mut arguments = queue.arguments();
    let mut refusal = refusal.to_owned();
    let may_differ = queue.may_differ();
    for _ in &may_differ {
        let named = |argument: &&&str| refusal.contains(&format!("'{argument}'"));
        let Some(argument) = may_differ.iter().find(named) else { return Ok(false) };
        arguments.retain(|(key, _)| key != argument);
        arguments.extend(current(&refusal).map(|value| (*argument, value)));
        let channel = channels.open().await?;
        match declare_queue(&channel, queue, arguments.clone(), false).await? {
            Outcome::Done => return Ok(true),
            Outcome::Refused { text, .. } => refusal = text,
        }
    }
    Ok(false)
}

/// `… received '100000' but current is '5'`, or `… is the value '5' of type 'long'`, or `… is none`.
fn current(refusal: &str) -> Option<Argument> {
    let (_, current) = refusal.split_once("but current is")?;
    match current.split('\'').nth(1)? {
        "classic" => Some(Argument::Text("classic")),
        "quorum" => Some(Argument::Text("quorum")),
        number => number.parse().ok().map(Argument::Whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_a_queue_has_is_read_from_the_refusal() {
        assert_eq!(current("received '7' but current is '5'"), Some(Argument::Whole(5)));
        let typed =
            "received the value '7' of type 'long' but current is the value '5' of type 'x'";
        assert_eq!(current(typed), Some(Argument::Whole(5)));
        let kind = "received the value 'quorum' of type 'longstr' but current is the value 'classic' of type 'longstr'";
        assert_eq!(current(kind), Some(Argument::Text("classic")));
        assert_eq!(current("received the value '7' of type 'long' but current is none"), None);
    }
}
