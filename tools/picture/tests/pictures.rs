//! Pictures of recordings, in all three forms. The recordings are what checks saw of right and of wrong answers.

use picture::text::{Letters, Options};
use picture::{Picture, chrome, parse, svg, text};

fn picture(name: &str) -> Picture {
    let path = format!("{}/tests/recordings/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let parsed = parse::parse(&text).unwrap_or_else(|complaint| panic!("{path}: {complaint}"));
    Picture::of(&parsed.recording, parsed.marked)
}

macro_rules! pictures {
    ($($test:ident: $name:literal,)*) => {$(
        #[test]
        fn $test() {
            let picture = picture($name);
            let settings = |kind: &str, drawn: String| {
                insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                    insta::assert_snapshot!(format!("{}.{kind}", $name), drawn);
                });
            };
            settings("text", text::draw(&picture, &Options::wide(80)));
            settings("svg", svg::draw(&picture, "run", $name, svg::Notes::Inside));
            settings("chrome", chrome::draw(&picture, $name));
        }
    )*};
}

pictures! {
    generators_that_take_turns: "generators",
    one_track: "one-track",
    a_join_of_two_that_wait: "join",
    a_race_whose_loser_is_dropped: "race",
    a_block_on_that_is_woken_during_its_polls: "block-on",
    a_turn_with_two_timers: "turn-a-timer",
    lines_that_arrive_in_pieces: "lines-in-pieces",
    a_loop_that_ends_stuck: "loop-stuck",
    a_loop_of_74_lines: "loop-three-tasks",
    names_that_are_long: "long-names",
    nothing: "empty",
    the_wrong_answer_first_waker_only: "oneshot-first-waker-only",
    the_wrong_answer_check_then_register: "oneshot-check-then-register",
    the_wrong_answer_never_registered: "oneshot-never-registered",
    the_wrong_answer_busy_poll: "oneshot-busy-poll",
    the_wrong_answer_first_waker_only_of_the_alarm: "alarm-first-waker-only",
    the_wrong_answer_lost_own_wake: "task-waker-lost-own-wake",
    the_wrong_answer_queued_twice: "task-waker-queued-twice",
    the_wrong_answer_slept_with_work: "turn-slept-with-work",
    the_wrong_answer_slept_with_work_of_the_queue: "ready-queue-slept-with-work",
    the_wrong_answer_polled_after_ready: "join-polled-after-ready",
    the_wrong_answer_unfair_round_robin: "round-robin-unfair-round-robin",
    the_wrong_answer_busy_poll_of_block_on: "block-on-busy-poll",
}

#[test]
fn a_wide_terminal_needs_fewer_bands() {
    let picture = picture("loop-stuck");
    let bands = |width| {
        text::draw(&picture, &Options::wide(width))
            .split("\n\n")
            .count()
    };
    assert!(bands(160) < bands(80), "{} and {}", bands(160), bands(80));
}

#[test]
fn a_terminal_without_unicode_gets_the_same_picture_in_ascii() {
    let options = Options {
        letters: Letters::Ascii,
        ..Options::wide(80)
    };
    insta::assert_snapshot!(text::draw(&picture("oneshot-first-waker-only"), &options), @r"
             1         2         3         4         5         6 here
     future  [pending] [pending] [pending].......................................
     A       [pending]                               ^-x
     B                 [pending]                     |
     C                           [pending]...........|..................... waits
     event                                 [happens==+=================]

     .. waits   ^v* woken   -x no poll follows
     The wake at 5 went to A, which does not wait any more: no poll followed.
     At the end, C waits for future, and nothing has woken it.
    ");
}

#[test]
fn colours_add_nothing_but_colours() {
    let picture = picture("loop-stuck");
    let options = Options::wide(80);
    let coloured = text::paint(&picture, &options, |style, text| {
        format!("\u{1}{style:?}\u{2}{text}\u{3}")
    });
    let mut plain = String::new();
    for part in coloured.split('\u{1}') {
        match part.split_once('\u{2}') {
            Some((_, text)) => plain.push_str(&text.replacen('\u{3}', "", 1)),
            None => plain.push_str(part),
        }
    }
    assert_eq!(plain, text::draw(&picture, &options));
}

/// The recording of a run without a fault may end before a woken task is polled: nothing is lost, and nothing is crossed out.
#[test]
fn a_run_without_a_fault_that_ends_after_a_wake_has_no_cross() {
    let text =
        " 1  task 1  woken\n 2  task 1  polled\n 3  task 1    woken\n 4  task 1  → pending\n";
    let drawn = |text: &str| {
        let parsed = picture::parse::parse(text).unwrap();
        let picture = Picture::of(&parsed.recording, parsed.marked);
        text::draw(&picture, &Options::wide(80))
    };
    let without = drawn(text);
    assert!(
        !without.contains('✗') && !without.contains("no poll follows"),
        "{without}"
    );
    let with = drawn(&format!("{}   ◂── here\n", text.trim_end()));
    assert!(with.contains('✗'), "{with}");
}

/// A task that wakes itself and then sleeps has a picture beside the lines of its verdict.
#[test]
fn one_wake_is_enough_for_a_picture() {
    let text = " 1  future  polled\n 2  future    woken\n 3  future  → pending   ◂── here\n";
    let parsed = picture::parse::parse(text).unwrap();
    assert!(Picture::of(&parsed.recording, parsed.marked).has_wakes_or_polls_of_several());
}
