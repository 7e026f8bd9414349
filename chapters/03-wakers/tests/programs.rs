//! The chapter's programs print what the book says they print.

use std::process::Command;

#[test]
fn an_alarm_that_looks_first_can_be_struck_at_a_bad_moment() {
    prints("ch03-2-the-alarm", env!("CARGO_BIN_EXE_ch03-2-the-alarm"));
}

#[test]
fn an_alarm_that_registers_first_can_be_struck_at_any_moment() {
    let name = "ch03-2-alarm-repaired";
    let printed = output(name, env!("CARGO_BIN_EXE_ch03-2-alarm-repaired"));
    // An alarm that looks before it registers, and once more after it, is ready a poll earlier, and
    // is as right.
    let earlier = "AfterTheLook\n    poll: ready\n";
    let later = "AfterTheLook\n    poll: pending\n    poll: ready\n";
    shows(name, &printed.replace(earlier, later));
}

#[test]
fn a_wake_puts_a_task_in_the_queue_once() {
    prints("ch03-3-wake", env!("CARGO_BIN_EXE_ch03-3-wake"));
}

#[test]
fn one_thread_waits_at_a_condition_variable() {
    prints("ch03-4-a-condvar", env!("CARGO_BIN_EXE_ch03-4-a-condvar"));
}

#[test]
fn one_thread_waits_for_one_future() {
    prints("ch03-4-block-on", env!("CARGO_BIN_EXE_ch03-4-block-on"));
}

#[test]
fn a_receiver_is_woken_in_the_task_that_polled_it_last() {
    prints("ch03-5-oneshot", env!("CARGO_BIN_EXE_ch03-5-oneshot"));
}

#[test]
fn a_thread_that_sees_the_flag_sees_the_value() {
    prints("ch03-5-flag", env!("CARGO_BIN_EXE_ch03-5-flag"));
}

#[test]
fn a_waker_made_by_hand_owns_one_reference() {
    let name = "ch03-6-raw-waker";
    let printed = output(name, env!("CARGO_BIN_EXE_ch03-6-raw-waker"));
    // Right wakers may share one reference, or own one each. They must hold the bell while there is a
    // waker, and release every reference with the last one.
    let mut shown = String::new();
    let mut counts = Vec::new();
    for line in printed.lines() {
        let end = line.strip_suffix(" references");
        let count = end.and_then(|line| line.rsplit_once(' '));
        let expected = [1, 2, 3, 3, 2, 1];
        match count {
            Some((step, count)) => {
                let reference = expected.get(counts.len()).expect("six lines of counts");
                counts.push(count.parse::<usize>().expect("a count"));
                shown += &format!("{step} {reference} references\n");
            }
            None => shown += &format!("{line}\n"),
        }
    }
    assert!(
        matches!(counts[..], [1, first, second, third, fourth, 1]
            if [first, second, third, fourth].iter().all(|count| *count > 1)),
        "{printed}"
    );
    shows(name, &shown);
}

#[test]
fn whichever_side_comes_first_an_atomic_waker_misses_no_wake() {
    prints(
        "ch03-7-atomic-waker",
        env!("CARGO_BIN_EXE_ch03-7-atomic-waker"),
    );
}

#[test]
fn busy_polling_takes_many_polls_and_a_waker_two() {
    let text = output(
        "ch03-1-who-calls-again",
        env!("CARGO_BIN_EXE_ch03-1-who-calls-again"),
    );
    let polls: Vec<u64> = text
        .lines()
        .map(|line| {
            let (_, figures) = line.split_once(':').expect("a colon");
            let number = figures.split_whitespace().next().expect("a number");
            number.parse().expect("the number of polls")
        })
        .collect();
    // The other thread may be so early that there is nothing to wait for.
    assert!(matches!(polls[..], [_, 1 | 2]), "{text}");
}

#[test]
fn the_instrument_says_what_a_wake_and_a_round_trip_cost() {
    let text = output("ch03-measure-wake", env!("CARGO_BIN_EXE_ch03-measure-wake"));
    let figures: Vec<&str> = text.lines().collect();
    assert!(
        matches!(figures[..], [wake, trip]
            if wake.starts_with("a wake") && trip.starts_with("a round trip")),
        "{text}"
    );
    assert!(figures.iter().all(|line| line.ends_with(" ns")), "{text}");
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch03-1-who-calls-again");
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &[]);
}

#[track_caller]
fn prints(name: &str, program: &str) {
    shows(name, &output(name, program));
}

#[track_caller]
fn shows(name: &str, printed: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, printed);
    });
}

#[track_caller]
fn output(name: &str, program: &str) -> String {
    let run = Command::new(program).output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).unwrap()
}
