//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    a_look_up_waits_behind_five_sleepers_and_not_in_a_pool_of_its_own: "ch09-1-five-threads",
    a_real_look_up_waits_behind_five_real_threads: "ch09-1-for-real",
    ten_callers_share_one_query_and_no_error_is_kept: "ch09-3-asked-twice",
    a_flight_goes_on_when_its_first_caller_is_dropped: "ch09-3-first-leaves",
    a_slow_log_delays_every_tick_and_a_queue_none: "ch09-4-slow-log",
    a_burst_of_metrics_holds_up_no_task_and_says_what_was_dropped: "ch09-4-metrics",
}

#[cfg(target_os = "linux")]
probe::programs! {
    the_kernels_list_refuses_a_file_and_a_thread_reads_it: "ch09-5-files",
    a_worker_that_crashes_fails_one_job_and_one_that_hangs_is_killed: "ch09-6-processes",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch09-1-five-threads");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &["ch09-worker"]);
}
