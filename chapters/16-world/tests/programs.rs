//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    a_library_that_looks_for_its_runtime_finds_none: "ch16-1-no-reactor",
    a_read_is_no_request: "ch16-2-one-read",
    a_body_that_streams_reads_one_chunk_for_each_frame: "ch16-3-how-much",
    only_a_connection_that_is_told_answers_and_ends: "ch16-4-three-ends",
    a_server_hangs_up_on_a_client_whose_pings_wait_for_its_lock: "ch16-5-a-quiet-night",
    a_handshake_says_why_it_fails: "ch16-6-handshakes",
    one_core_holds_the_same_conversation_under_each_driver: "ch16-7-one-core",
    a_session_that_is_returned_with_an_unread_answer_gives_it_to_the_next_caller: "ch16-8-two-customers",
    a_thousand_commands_cost_as_many_round_trips_as_they_wait_for_answers: "ch16-9-round-trips",
    a_request_passes_through_three_tasks: "ch16-10-a-request",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch16-1-no-reactor");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &["ch16-web"]);
}
