//! Every metric, declared once. What is written here is what `/metrics`, the documentation and the
//! checks of dashboards and alerts have.

use schemas::ProblemKind;

use crate::counter::{Counter, Gauge};
use crate::family::metrics;
use crate::histogram::{Histogram, Missions, Seconds};
use crate::labels::{
    Ask, Callers, Destination, Event, FaultKind, Handled, Method, Operation, Outcome, Refusal,
    Route, Statement, Status, Step, Why,
};
use crate::oldest::Oldest;

metrics! {
    /// The metrics of one role. They have the label `role`.
    RoleMetrics by role true {
        /// Missions that the role has finished: requested by callers and answered, drawn, decided or stored.
        missions: Counter = "spymission_missions",
        /// How long a message was worked on, from its delivery to its acknowledgement; in a gateway, how long a caller waited for its missions.
        processed: Histogram<Seconds> = "messaging_process_duration",
        /// Messages that the role took, by what became of them.
        handled: Counter [Handled] = "spymission_messages_handled",
        /// Missions that were worked on together: in one message of a gateway, in one batch of a worker or persister.
        batch: Histogram<Missions> = "spymission_batch_missions",
        /// Missions that the role works on now; in a gateway, those that callers wait for.
        in_flight: Gauge = "spymission_missions_in_flight",
        /// The age of the oldest request that the role has not finished; 0 if there is none.
        oldest: Oldest = "spymission_oldest_request",
        /// How long a step of the work took.
        steps: Histogram<Seconds> [Step] = "spymission_step_duration",
        /// Questions to other roles.
        asks: Counter [Destination, Ask] = "spymission_asks",
        /// Replies that were dropped, by reason.
        replies_dropped: Counter [Why] = "spymission_replies_dropped",
        /// Sessions with the broker that were begun.
        sessions: Counter = "spymission_sessions",
        /// 1 while the role has a session with the broker and takes work, else 0.
        connected: Gauge = "spymission_session_connected",
        /// Faults that ended a session.
        faults: Counter [FaultKind] = "spymission_session_faults",
        /// 1 for the fault that ended the last session, else 0.
        last_fault: Gauge [FaultKind] = "spymission_session_last_fault",
    }
}

metrics! {
    /// The metrics of a process that belong to no role.
    ProcessMetrics by role false {
        /// How long HTTP requests took, until their response began.
        http: Histogram<Seconds> [Method, Route, Status] = "http_server_request_duration",
        /// Callers of a gateway who wait for their missions.
        callers: Gauge [Callers] = "spymission_callers_waiting",
        /// Listeners to the stream of missions.
        listeners: Gauge = "spymission_event_listeners",
        /// Messages that were published.
        sent: Counter [Destination, Outcome] = "messaging_client_sent_messages",
        /// How long durable messages took from publishing to their confirm.
        confirm: Histogram<Seconds> [Operation, Destination] = "messaging_client_operation_duration",
        /// Messages that were delivered.
        consumed: Counter [Destination] = "messaging_client_consumed_messages",
        /// Connections on which the broker takes no messages, because of an alarm.
        blocked: Gauge = "spymission_broker_blocked_connections",
        /// Events of stored missions.
        events: Counter [Event] = "spymission_events",
        /// Dead letters that were published, by reason.
        dead_letters: Counter [ProblemKind] = "spymission_dead_letters",
        /// Bad requests that were dropped because the dead letter queue was full.
        dead_letters_dropped: Counter = "spymission_dead_letters_dropped",
        /// How long statements took, without their repeats; a statement that writes commits, too.
        statements: Histogram<Seconds> [Statement] = "db_client_operation_duration",
        /// Rows that were sent in one statement.
        rows: Histogram<Missions> = "spymission_statement_rows",
        /// Statements that did not succeed.
        refusals: Counter [Refusal] = "spymission_statement_failures",
        /// Statements that were repeated.
        repeats: Counter = "spymission_statement_repeats",
        /// 1 while the database does not do what it is asked, else 0.
        database_away: Gauge = "spymission_database_away",
    }
}
