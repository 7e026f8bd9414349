//! The chapter's programs print what the book says they print.

probe::programs! {
    a_future_that_is_dropped_runs_destructors_and_nothing_else: "ch06-1-dropped",
    the_table_is_printed_by_the_code_that_it_describes: "ch06-2-table",
    callbacks_are_called_by_the_loop: "ch06-3-callbacks",
    an_error_is_reported_if_no_code_has_looked_at_it: "ch06-3-unretrieved",
    a_task_is_cancelled_at_four_moments: "ch06-4-cancel",
    half_a_message_is_lost_with_a_future_and_kept_in_a_struct: "ch06-6-lost",
    work_is_shielded_and_a_task_that_is_asked_ends_in_order: "ch06-7-asked",
    a_goodbye_that_takes_time_is_left_to_the_loop: "ch06-8-cleanup",
    a_child_that_is_owned_goes_with_its_parent: "ch06-9-children",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch06-1-dropped");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &[]);
}
