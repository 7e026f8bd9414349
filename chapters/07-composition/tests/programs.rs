//! The chapter's programs print what the book says they print.

probe::programs! {
    a_join_with_one_waker_polls_all_children_at_each_wake: "ch07-1-all-of-them",
    a_fair_select_does_not_starve_the_second: "ch07-2-the-first",
    a_select_drops_the_loser_first_and_the_rest_is_kept: "ch07-2-the-loser",
    one_deadline_for_all_calls_is_shorter_than_a_time_out_for_each: "ch07-3-how-long",
    answers_are_printed_in_the_order_in_which_they_come: "ch07-4-order",
    a_download_runs_on_when_its_report_has_failed: "ch07-7-handles",
    a_page_with_a_slow_query_is_not_there_after_an_hour: "ch07-9-one-connection",
    two_dead_addresses_cost_a_minute: "ch07-8-one-by-one",
    staggered_attempts_cost_half_a_second: "ch07-8-staggered",
    a_group_cancels_the_downloads_and_waits_for_the_cleanup: "ch07-7-group",
    a_pending_task_runs_on_and_a_late_one_is_dropped: "ch07-4-both-ways",
    two_services_answer_although_the_caller_has_gone_on: "ch07-4-who-runs-on",
    one_question_has_four_answers_that_depend_on_what_is_enough: "ch07-5-several-answers",
    a_worker_that_is_asked_to_stop_handles_its_message_and_stops: "ch07-6-a-race",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch07-1-all-of-them");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &[]);
}
