//! The facts of the bus, on RabbitMQ and on its in-process twin alike.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code, and the helpers of tests")]

mod suite;
mod support {
    pub(crate) mod announcer;
    pub(crate) mod client;
    pub(crate) mod poll;
    pub(crate) mod responders;
    pub(crate) mod time;
}

/// Makes a test of each fact on either transport. In memory time is paused: what is waited for
/// in vain fails at once.
macro_rules! facts {
    ($($topic:ident: $($fact:ident)*;)*) => {
        mod memory {
            $(mod $topic {
                $(#[tokio::test(start_paused = true)]
                async fn $fact() {
                    crate::suite::$topic::$fact(bus::Broker::new(bus::Address::Memory)).await;
                })*
            })*
        }
        mod amqp {
            $(mod $topic {
                $(#[tokio::test]
                async fn $fact() {
                    let vhost = testkit::servers::vhost();
                    let address = vhost.amqp_url.parse().unwrap();
                    crate::suite::$topic::$fact(bus::Broker::new(address)).await;
                })*
            })*
        }
    };
}

facts! {
    requests:
        requests_are_taken_in_order
        a_request_is_taken_by_one_of_several_takers
        no_more_than_the_prefetch_are_unsettled
        after_cancel_what_had_come_is_drained_and_nothing_new_is_taken
        a_wait_that_is_given_up_loses_no_request
        a_request_that_has_expired_is_set_aside;
    settle:
        a_request_that_is_acknowledged_is_gone
        a_request_whose_session_ended_is_delivered_again
        a_request_is_held_when_its_taker_has_gone_until_its_session_ends
        requests_whose_session_ended_keep_their_order
        requests_that_come_back_reach_all_who_wait
        a_release_counts_as_a_delivery
        a_copy_of_a_request_goes_to_the_end_and_its_count_is_zero
        a_request_that_fails_twenty_times_is_set_aside;
    publish:
        a_durable_message_that_no_queue_wants_is_unroutable
        a_transient_message_that_no_queue_wants_does_no_harm
        named_properties_arrive_as_they_were_sent
        a_message_of_many_frames_arrives_whole
        a_question_reaches_one_worker_of_either_kind;
    events:
        an_event_reaches_everybody_who_listens
        missions_of_every_casebook_are_heard_of_and_nothing_else
        a_routing_key_that_is_too_long_is_a_fault_and_no_panic
        whoever_does_not_read_loses_the_oldest_events_and_holds_up_nobody
        whoever_hands_events_out_acknowledges_the_last_ones_too
        a_listener_that_has_gone_leaves_no_queue_behind
        what_has_happened_by_an_answer_is_told_with_the_trace_of_its_question;
    dead_letter:
        a_dead_letter_keeps_its_bytes_and_properties_but_does_not_expire;
    requester:
        an_ask_is_answered_by_whoever_serves
        an_ask_waits_for_a_server_that_comes_later
        an_ask_gathers_answers_of_several_kinds
        the_first_answer_counts_when_two_come
        an_ask_is_repeated_and_a_late_answer_to_it_counts
        answers_that_nobody_waits_for_do_no_harm
        an_answer_to_an_ask_that_was_given_up_does_no_harm
        answers_go_to_whoever_asked
        many_asks_at_once_get_their_own_answers
        a_question_carries_whose_it_is_and_its_trace_and_nothing_else;
    responder:
        an_answer_says_what_it_is_and_whose_and_when_it_was_made
        a_question_that_is_answered_is_gone
        a_question_is_answered_by_one_of_several_servers
        a_question_that_cannot_be_read_is_dropped
        a_question_without_a_return_address_of_ours_is_dropped
        an_answer_to_a_requester_who_has_gone_does_no_harm
        a_stopped_server_gives_back_what_it_has_not_answered
        a_question_whose_server_died_is_returned_to_whoever_asked
        a_question_whose_server_died_is_asked_again_at_once;
    copies:
        a_caller_gets_a_copy_of_what_is_stored_with_every_stamp;
    batches:
        questions_that_are_ready_are_answered_at_once
        a_responder_is_given_no_more_at_once_than_its_limit;
    replies:
        a_reply_arrives_in_its_callers_own_queue
        a_reply_to_a_queue_that_does_not_exist_holds_up_nothing
        a_reply_to_a_queue_that_does_not_exist_is_counted_and_no_other
        replies_of_many_at_once_all_arrive
        replying_ends_when_it_is_told_to;
}
