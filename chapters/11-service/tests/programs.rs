//! The chapter's programs print what the book says they print.

probe::programs! {
    a_flag_is_looked_at_3601_times_and_seen_late: "ch11-1-a-flag",
    a_half_file_is_left_at_the_server_when_main_returns: "ch11-2-left",
    what_is_left_is_cancelled_and_its_cleanup_is_waited_for: "ch11-2-run",
    every_end_of_a_program_is_in_the_table: "ch11-2-every-end",
    parts_that_are_started_by_hand_leave_a_session_open: "ch11-3-by-hand",
    parts_of_a_lifecycle_are_cleaned_up_in_reverse: "ch11-3-lifecycle",
    every_end_of_three_parts_is_in_the_table: "ch11-3-every-end",
    a_paid_order_is_lost_when_its_task_is_dropped: "ch11-4-dropped",
    paid_orders_are_noted_before_the_service_stops: "ch11-4-drain",
    a_client_whose_delay_never_grows_asks_a_sick_server_a_thousand_times: "ch11-5-again",
    a_request_that_is_repeated_until_it_is_answered_is_carried_out_three_times: "ch11-6-transfer",
    each_failure_and_each_limit_has_its_reason_to_stop: "ch11-6-reasons",
    a_thousand_clients_without_jitter_come_back_for_three_quarters_of_an_hour: "ch11-measure-clients",
    a_message_that_was_handled_when_its_server_was_killed_comes_again: "ch11-7-killed",
    a_part_that_crashes_at_each_start_ends_the_service: "ch11-8-crashes",
    each_end_of_a_child_and_each_state_of_a_breaker_has_its_cell: "ch11-8-ends",
}

#[cfg(all(unix, feature = "world"))]
probe::programs! {
    a_burst_of_a_hundred_signals_is_one: "ch11-1-signals",
    a_signal_ends_the_orders_first_and_the_database_last: "ch11-9-a-service",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch11-1-a-flag");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &["ch11-signalled"]);
}
