//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    a_walk_on_a_stack_of_its_own_is_resumed_once_for_each_value: "ch13-1-a-tree",
    tasks_send_and_receive_in_plain_functions: "ch13-2-mailboxes",
    three_plain_functions_wait_at_the_same_time: "ch13-4-three-waits",
    a_cache_that_stays_borrowed_in_a_wait_panics_in_the_other_thread: "ch13-6-under-a-lock",
    one_function_serves_on_a_thread_and_on_a_green_thread: "ch13-5-same-function",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch13-1-a-tree");
    closed_output::every_program_ends_quietly(
        env!("CARGO_MANIFEST_DIR"),
        one,
        &["ch13-3-overflow"],
    );
}
