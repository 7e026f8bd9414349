//! The text form of a recording, and that it is the same every time.

use std::thread;

use probe::Recorder;

#[test]
fn a_call_that_returns_at_once_takes_one_line() {
    let recorder = Recorder::new();
    recorder.enters("inner", "resume(3)").returns("yields 4");
    recorder.drops("inner");
    insta::assert_snapshot!(recorder.recording(), @r"
     1  inner  resume(3) → yields 4
     2  inner  dropped
    ");
}

#[test]
fn what_happens_during_a_call_stands_indented_between_its_ends() {
    let recorder = Recorder::new();
    let outer = recorder.enters("outer", "resume(1)");
    let middle = recorder.enters("middle", "resume(1)");
    recorder.enters("inner", "resume(1)").returns("yields 10");
    recorder.says("file", "is opened");
    middle.returns("yields 10");
    outer.returns("yields 10");
    recorder.says("caller", "goes on");
    insta::assert_snapshot!(recorder.recording(), @r"
     1  outer   resume(1)
     2  middle    resume(1)
     3  inner       resume(1) → yields 10
     4  file        is opened
     5  middle    → yields 10
     6  outer   → yields 10
     7  caller  goes on
    ");
}

#[test]
fn a_call_that_panics_says_so_and_the_ones_around_it_too() {
    let recorder = Recorder::new();
    let caught = probe::panics::expected(|| {
        let _outer = recorder.enters("outer", "resume()");
        let _inner = recorder.enters("inner", "resume()");
        panic!("something broke");
    });
    assert_eq!(
        caught.map_err(|panic| panic.message),
        Err::<(), _>("something broke".to_owned())
    );
    insta::assert_snapshot!(recorder.recording(), @r"
     1  outer  resume()
     2  inner    resume() → panics
     3  outer  → panics
    ");
}

#[test]
fn names_are_padded_by_letters_and_not_by_bytes() {
    let recorder = Recorder::new();
    recorder.says("łódź", "is a town");
    recorder.says("a", "is a letter");
    insta::assert_snapshot!(recorder.recording(), @r"
     1  łódź  is a town
     2  a     is a letter
    ");
}

#[test]
fn each_event_is_shown_by_the_line_that_line_of_names() {
    let recorder = Recorder::new();
    let outer = recorder.enters("outer", "resume(1)");
    recorder.enters("inner", "resume(1)").returns("yields 10");
    outer.returns("yields 10");
    let recording = recorder.recording();
    let lines: Vec<_> = (0..=4).map(|event| recording.line_of(event)).collect();
    assert_eq!(lines, [Some(1), Some(2), Some(2), Some(3), None]);
}

#[test]
fn clones_write_to_one_recording_from_any_thread() {
    let recorder = Recorder::new();
    let theirs = recorder.clone();
    thread::spawn(move || theirs.says("other thread", "was here"))
        .join()
        .unwrap();
    insta::assert_snapshot!(recorder.recording(), @" 1  other thread  was here");
}

#[test]
fn a_recorder_survives_a_panic_of_its_writer() {
    let recorder = Recorder::new();
    let theirs = recorder.clone();
    let thread = thread::spawn(move || {
        let _call = theirs.enters("other thread", "resume()");
        std::panic::resume_unwind(Box::new("quietly"));
    });
    assert!(thread.join().is_err());
    recorder.says("caller", "goes on");
    assert_eq!(recorder.recording().lines().len(), 2);
}
