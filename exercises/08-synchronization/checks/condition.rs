//! 8.5 condition: a box for letters, and tasks that put in and take out.

use post_office::PostOffice;
use probe::random::Random;
use probe::{run, snapshot};

#[path = "condition/post_office.rs"]
mod post_office;
#[path = "condition/verdicts.rs"]
mod verdicts;

#[test]
fn letters_are_taken_in_the_order_in_which_they_were_put_in() {
    let mut office = PostOffice::new(run!("in_order"), 2);
    office.puts("P");
    office.puts("P");
    office.takes("T");
    office.takes("T");
    office.nothing_waits();
    snapshot!(office.run);
}

#[test]
fn a_task_that_waits_lets_others_use_the_box() {
    let mut office = PostOffice::new(run!(), 1);
    office.takes("T");
    office.puts("P");
    office.settles_without_a_lock_held_by("T");
    office.takes("T");
    office.takes("U");
    office.puts("P");
    office.puts("P");
    office.settles();
    office.nothing_waits();
}

#[test]
fn a_task_that_waits_is_woken_by_a_letter_and_not_before() {
    let mut office = PostOffice::new(run!(), 1);
    office.takes("T");
    office.is_not_woken("T");
    office.puts("P");
    office.settles();
    office.nothing_waits();
}

#[test]
fn a_letter_may_be_taken_by_another_task_before_the_woken_one_is_polled() {
    let mut office = PostOffice::new(run!("a_faster_task"), 2);
    office.takes("T");
    office.puts("P");
    office.takes("U");
    let was_faster = office.is_ready("U");
    office.polls("T");
    office.puts("P");
    office.settles();
    office.nothing_waits();
    // A box that reserves the letter for T is right as well, and has another run.
    if was_faster {
        snapshot!(office.run);
    }
}

#[test]
fn a_place_may_be_filled_by_another_task_before_the_woken_one_is_polled() {
    let mut office = PostOffice::new(run!("a_filled_place"), 1);
    office.puts("P");
    office.puts("Q");
    office.takes("T");
    office.puts("R");
    let was_faster = office.is_ready("R");
    office.polls("Q");
    office.takes("T");
    office.takes("T");
    office.settles();
    office.nothing_waits();
    if was_faster {
        snapshot!(office.run);
    }
}

#[test]
fn another_task_may_be_faster_any_number_of_times() {
    let mut office = PostOffice::new(run!(), 1);
    office.takes("T");
    for _ in 0..5 {
        office.puts("P");
        office.takes("U");
        office.polls("T");
    }
    office.puts("P");
    office.puts("Q");
    for _ in 0..5 {
        office.takes("U");
        office.puts("P");
        office.settles();
    }
    office.is_served();
}

#[test]
fn one_letter_wakes_one_task() {
    let mut office = PostOffice::new(run!(), 2);
    office.takes("T");
    office.takes("U");
    office.puts("P");
    office.is_not_woken_with("U", "T");
    office.settles();
    office.puts("P");
    office.settles();
    office.nothing_waits();
}

#[test]
fn two_letters_are_for_two_waiting_tasks() {
    let mut office = PostOffice::new(run!("two_letters"), 2);
    office.takes("T");
    office.takes("U");
    office.puts("P");
    office.puts("P");
    office.settles();
    office.nothing_waits();
    snapshot!(office.run);
}

#[test]
fn a_dropped_task_takes_no_letter_with_it() {
    let mut office = PostOffice::new(run!(), 1);
    office.takes("T");
    office.takes("U");
    office.puts("P");
    office.is_dropped("T");
    office.settles();
    office.nothing_waits();
    office.puts("P");
    office.puts("Q");
    office.puts("R");
    office.takes("T");
    office.is_dropped("Q");
    office.settles();
    office.takes("T");
    office.nothing_waits();
}

#[test]
fn no_order_of_polls_loses_a_letter_or_leaves_a_task_waiting() {
    let run = run!();
    for seed in 0..1_000 {
        run.recorder().clear();
        let mut random = Random::seeded(seed);
        let mut office = PostOffice::new(run.clone(), 1 + random.below(2));
        for _ in 0..10 {
            let name = *random.pick(&["A", "B", "C", "D"]);
            match random.below(6) {
                0 | 1 => office.puts(name),
                2 | 3 => office.takes(name),
                4 => office.polls(name),
                _ => office.is_dropped(name),
            }
        }
        office.settles();
        office.is_served();
        office.is_emptied();
    }
}
