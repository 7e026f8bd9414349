//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    the_profile_of_the_simulated_server_is_drawn_widest_box_first: "ch14-1-profile",
    a_ring_looks_at_timers_that_are_not_due: "ch14-3-ring",
    a_decimal_wheel_moves_its_timers_down: "ch14-3-decimal",
    both_loops_run_tasks_and_callbacks_in_the_same_order: "ch14-2-two-loops",
    the_slot_lets_the_answer_run_before_the_task_that_waits: "ch14-2-who-runs-next",
    a_worker_that_steals_is_idle_last_of_all: "ch14-5-two-ways",
    a_server_without_a_limit_answers_no_client_in_time_after_a_second: "ch14-6-overload",
}

#[test]
#[cfg(all(target_os = "linux", feature = "uring"))]
fn fifty_reads_are_one_entry_into_the_kernel() {
    let printed = probe::program::output(env!("CARGO_BIN_EXE_ch14-4-fifty"), &[]);
    if printed.ends_with("so the loop sleeps in epoll\n") {
        return println!("{printed}");
    }
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("ch14-4-fifty", printed); }
    );
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch14-1-five-costs");
    closed_output::every_program_ends_quietly(
        env!("CARGO_MANIFEST_DIR"),
        one,
        &["ch14-1-three-servers"],
    );
}
