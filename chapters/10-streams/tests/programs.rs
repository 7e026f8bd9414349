//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    a_list_is_printed_at_its_end: "ch10-1-one-after-another",
    a_stream_is_printed_as_its_items_come: "ch10-1-a-stream",
    a_chain_of_adapters_ends_with_its_third_item: "ch10-1-adapters",
    a_merge_lets_the_stop_through: "ch10-2-two-sources",
    missed_ticks_are_made_up_for_moved_or_left_out: "ch10-2-late-ticks",
    a_late_chunk_starts_its_second_when_it_is_asked_for: "ch10-2-chunks",
    three_downloads_in_flight_take_less_time_than_one_by_one: "ch10-3-in-flight",
    a_download_in_flight_is_not_polled_while_the_body_waits: "ch10-3-slow-body",
    lines_do_not_depend_on_the_pieces_and_what_a_read_returns_does: "ch10-4-frames",
    a_frame_that_is_too_long_is_not_sent_and_one_that_is_cut_is_an_error: "ch10-4-framed",
    a_goodbye_at_the_end_of_the_body_is_said_in_one_of_three_cases: "ch10-5-goodbye",
    the_exits_run_in_reverse_in_every_way_out: "ch10-5-ways-out",
}

#[cfg(target_os = "linux")]
probe::programs! {
    a_program_that_warns_much_does_not_end: "ch10-6-warnings",
    the_lines_of_two_streams_come_as_they_are_written: "ch10-6-two-streams",
    the_end_of_a_program_is_not_the_end_of_its_output: "ch10-6-two-ends",
    a_terminal_changes_what_goes_through_it: "ch10-7-as-it-is",
    a_serial_port_changes_nothing_and_an_unplugged_device_is_an_error: "ch10-7-thermometer",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch10-1-one-after-another");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &["ch10-children"]);
}
