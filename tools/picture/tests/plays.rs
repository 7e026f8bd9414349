//! The state after each step, worked out from a recording.

use std::time::Duration;

use picture::Play;
use picture::play::{Panel, Source, Step};
use probe::{Event, Recorder, Recording, What};

/// The steps of what a recorder has seen.
fn steps(record: impl FnOnce(&Recorder)) -> Vec<Step> {
    play(record).steps
}

fn play(record: impl FnOnce(&Recorder)) -> Play {
    let recorder = Recorder::new();
    record(&recorder);
    Play::of("a run", &recorder.recording(), None, None)
}

fn task<'a>(step: &'a Step, name: &str) -> &'a str {
    let task = step.state.tasks.iter().find(|task| task.name == name);
    task.map_or("", |task| &task.state)
}

#[test]
fn a_woken_task_stands_in_the_queue_until_it_is_polled() {
    let steps = steps(|recorder| {
        recorder.enters("a", "polled").returns("pending");
        recorder.enters("b", "polled").returns("pending");
        recorder.wakes("b");
        recorder.wakes("a");
        recorder.wakes("b");
        recorder.enters("b", "polled").returns("ready");
        recorder.wakes("b");
    });
    let queues: Vec<String> = steps
        .iter()
        .map(|step| step.state.ready.join(" "))
        .collect();
    assert_eq!(queues, ["", "", "b", "b a", "b a", "a", "a"]);
    assert_eq!(task(&steps[1], "a"), "waits");
    assert_eq!(task(&steps[3], "a"), "is ready to be polled");
    assert_eq!(task(&steps[6], "b"), "is finished: ready");
}

#[test]
fn a_wake_during_the_poll_puts_the_task_back_and_one_during_the_last_poll_does_not() {
    let steps = steps(|recorder| {
        let poll = recorder.enters("a", "polled");
        recorder.wakes("a");
        poll.returns("pending");
        let poll = recorder.enters("a", "polled");
        recorder.wakes("a");
        poll.returns("ready");
    });
    let queues: Vec<String> = steps
        .iter()
        .map(|step| step.state.ready.join(" "))
        .collect();
    assert_eq!(queues, ["", "a", "a", "", "", ""]);
}

#[test]
fn what_a_task_waits_for_is_what_was_pending_or_set_in_its_poll_and_is_not_over() {
    let steps = steps(|recorder| {
        let poll = recorder.enters("main", "polled");
        recorder.says("late", "set for 20ms");
        recorder.says("early", "set for 10ms");
        poll.returns("pending");
        recorder.says("loop", "sleeps, for 10ms at most");
        recorder.set_time(Duration::from_millis(10));
        recorder.says("loop", "gets up");
        recorder.says("early", "fires");
        recorder.wakes("main");
        recorder.drops("late");
    });
    let timers = |step: &Step| {
        let timers = step.state.timers.iter();
        timers.map(|timer| timer.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(task(&steps[3], "main"), "waits for late and early");
    assert_eq!(timers(&steps[3]), ["early", "late"], "earliest first");
    assert_eq!(steps[4].state.asleep[0].who, "loop");
    assert_eq!(steps[5].at, "10ms");
    assert_eq!(steps[5].state.asleep, []);
    assert_eq!(task(&steps[6], "main"), "waits for late");
    assert_eq!(task(&steps[7], "main"), "is ready to be polled");
    assert!(timers(&steps[8]).is_empty());
}

#[test]
fn a_stuck_run_says_which_task_waits_for_which_and_that_no_wake_will_come() {
    let play = play(|recorder| {
        let poll = recorder.enters("main", "polled");
        recorder.enters("recv", "polled").returns("pending");
        poll.returns("pending");
        recorder.says("loop", "sleeps");
    });
    let last = play.steps.last().expect("there are steps");
    assert_eq!(task(last, "main"), "waits for recv");
    assert!(
        play.notes
            .iter()
            .any(|note| note == "At the end, main waits for recv, and nothing has woken it."),
        "{:?}",
        play.notes
    );
    assert_eq!(play.panels, [Panel::Running, Panel::Asleep, Panel::Tasks]);
}

#[test]
fn a_dropped_task_leaves_the_queue_and_a_call_that_never_returned_runs_to_the_end() {
    let steps = steps(|recorder| {
        recorder.enters("a", "polled").returns("pending");
        recorder.wakes("a");
        recorder.drops("a");
        std::mem::forget(recorder.enters("b", "polled"));
        recorder.says("b", "spins");
    });
    assert_eq!(steps[1].state.ready, ["a"]);
    assert!(steps[2].state.ready.is_empty());
    assert_eq!(task(&steps[2], "a"), "is dropped");
    assert_eq!(task(&steps[4], "b"), "runs");
    assert_eq!(steps[4].state.running, ["b"]);
}

#[test]
fn a_waker_is_kept_until_it_is_let_go_and_that_takes_no_step() {
    let event = |track: &str, what| Event {
        at: Duration::ZERO,
        track: track.to_owned(),
        what,
        line: Some(2),
    };
    let by = || "sleep".to_owned();
    let recording = Recording {
        events: vec![
            event("a", What::Enters("polled".to_owned())),
            event("a", What::Kept { by: by() }),
            event("a", What::At),
            event("a", What::Leaves("pending".to_owned())),
            event("a", What::Woken),
            event("a", What::LetGo { by: by() }),
        ],
    };
    let source = Source::whole("a.rs", "fn a() {\n    sleep().await;\n}\n");
    let play = Play::of("a run", &recording, None, Some(source));
    let texts: Vec<&str> = play.steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        ["polled", "its waker is kept by sleep", "→ pending", "woken"]
    );
    let kept: Vec<usize> = play
        .steps
        .iter()
        .map(|step| step.state.wakers.len())
        .collect();
    assert_eq!(kept, [0, 1, 1, 0]);
    assert_eq!(play.steps[2].line, Some(2), "where it waits");
}

#[test]
fn a_line_that_is_not_shown_is_no_line_and_marks_are_not_shown() {
    let text = "// ANCHOR: main\nfn main() {\n    // YOURS\n    work();\n}\n// ANCHOR_END: main\nfn work() {}\n";
    let source = Source::anchored("m.rs", text, "main");
    let numbers: Vec<u32> = source.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [2, 4, 5]);
    let event = |line| Event {
        at: Duration::ZERO,
        track: "main".to_owned(),
        what: What::Says("works".to_owned()),
        line: Some(line),
    };
    let recording = Recording {
        events: vec![event(4), event(7)],
    };
    let play = Play::of("a run", &recording, None, Some(source));
    let lines: Vec<Option<u32>> = play.steps.iter().map(|step| step.line).collect();
    assert_eq!(lines, [Some(4), None]);
}
