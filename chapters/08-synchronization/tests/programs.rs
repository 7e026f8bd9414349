//! The chapter's programs print what the book says they print.

probe::programs! {
    a_woken_task_that_tries_again_is_overtaken_and_loses_its_wake: "ch08-1-try-again",
    a_permit_of_a_cancelled_task_goes_to_the_next_one: "ch08-1-passed-on",
    an_event_does_not_count_and_a_notify_counts_to_one: "ch08-2-news",
    three_eaters_wait_in_a_circle_until_the_forks_have_an_order: "ch08-9-philosophers",
    two_connections_serve_twelve_requests: "ch08-7-pool",
    a_hundred_records_share_their_writes: "ch08-8-durable",
    a_channel_holds_eight_pages_where_a_list_holds_nine_hundred: "ch08-6-channels",
    five_permits_serve_twelve_pages_faster_than_batches_of_five: "ch08-3-fetches",
    deposits_are_lost_without_a_lock_and_kept_with_one: "ch08-4-account",
    no_task_begins_a_round_before_all_have_arrived_at_the_barrier: "ch08-4-barrier",
    seven_requests_start_as_the_bucket_has_tokens: "ch08-7-rate",
    a_lock_that_never_hands_over_is_taken_more_often_and_starves_tasks: "ch08-5-hand-over",
    four_threads_share_two_permits: "ch08-10-threads",
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch08-1-passed-on");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &[]);
}
