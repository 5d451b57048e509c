//! The messages of a RabbitMQ node by its own statistics, which it keeps for each channel. The statuses
//! that processes publish every two seconds, on connections of their own, do not count.

use testkit::servers::{Error, Rabbit};

/// What is counted.
pub(super) const UNITS: [&str; 3] = ["published", "delivered", "acknowledged"];

/// Has the node count the messages of channels that are opened from now on.
const ENABLE: &str = "application:set_env(rabbit, collect_statistics, fine).";

const READ: &str = r#"
Named = fun(Props) -> proplists:get_value(user_provided_name, Props, <<>>) end,
Statuses = [Pid || {Pid, Props} <- ets:tab2list(connection_created),
    is_binary(Named(Props)), binary:match(Named(Props), <<"status">>) =/= nomatch],
Channels = [Pid || {Pid, Props} <- ets:tab2list(channel_created),
    not lists:member(proplists:get_value(connection, Props), Statuses)],
Sum = fun(Table, Places) -> lists:sum([element(Place, Row) || Row <- ets:tab2list(Table),
    lists:member(element(1, element(1, Row)), Channels), Place <- Places]) end,
{Sum(channel_exchange_metrics, [2]), Sum(channel_queue_metrics, [4, 5]),
    Sum(channel_queue_metrics, [7])}.
"#;

/// Messages so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Messages([u64; 3]);

/// Has the node count them, from the next channel on.
pub(super) fn enable(rabbit: &Rabbit) -> Result<(), Error> {
    rabbit.eval(ENABLE).map(drop)
}

impl Messages {
    /// Those of the channels that are open.
    pub(super) fn read(rabbit: &Rabbit) -> Result<Self, Error> {
        let counted = rabbit.eval(READ)?;
        let numbers = counted.trim().trim_matches(['{', '}']).split(',');
        let numbers: Vec<u64> = numbers.filter_map(|number| number.parse().ok()).collect();
        numbers.try_into().map(Self).map_err(|_| Error::Refused(counted))
    }

    /// Whether each delivery was acknowledged.
    pub(super) fn are_acknowledged(&self) -> bool {
        let [_, delivered, acknowledged] = self.0;
        delivered == acknowledged
    }

    /// What has come since.
    pub(super) fn since(&self, before: &Self) -> impl Iterator<Item = (&'static str, u64)> {
        let more = self.0.into_iter().zip(before.0).map(|(now, before)| now.saturating_sub(before));
        UNITS.into_iter().zip(more.collect::<Vec<_>>())
    }
}
