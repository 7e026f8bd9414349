//! Each detector passes what is right, and names what is wrong.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use probe::detect::{Address, DropCounter, OnDrop, Token};
use probe::panics::{Verdict, verdict_of};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run};

#[test]
fn a_token_that_is_dropped_is_no_longer_alive() {
    let counter = DropCounter::new();
    let tokens = [counter.token(), counter.token()];
    assert_eq!(
        (counter.made(), counter.dropped(), counter.alive()),
        (2, 0, 2)
    );
    drop(tokens);
    assert_eq!(
        (counter.made(), counter.dropped(), counter.alive()),
        (2, 2, 0)
    );
}

#[test]
fn a_token_that_is_forgotten_stays_alive() {
    let counter = DropCounter::new();
    let _forgotten = ManuallyDrop::new(counter.token());
    assert_eq!(counter.alive(), 1);
}

#[test]
fn a_token_in_a_track_notes_its_end() {
    let recorder = Recorder::new();
    drop(DropCounter::new().token().in_track(&recorder, "a guard"));
    insta::assert_snapshot!(recorder.recording(), @" 1  a guard  dropped");
}

#[test]
fn a_token_of_no_counter_notes_its_end() {
    let recorder = Recorder::new();
    let guard = Token::noting(&recorder, "a guard");
    recorder.says("check", "drops it");
    drop(guard);
    insta::assert_snapshot!(recorder.recording(), @r"
     1  check    drops it
     2  a guard  dropped
    ");
}

#[test]
fn a_closure_is_called_when_its_owner_is_dropped_and_not_if_that_is_forgotten() {
    let calls = Cell::new(0);
    let count = || calls.set(calls.get() + 1);
    let (kept, forgotten) = (OnDrop::new(count), OnDrop::new(count));
    assert_eq!(calls.get(), 0);
    drop(kept);
    std::mem::forget(forgotten);
    assert_eq!(calls.get(), 1);
}

#[test]
fn an_address_that_stays_is_here_each_time() {
    let mut address = Box::new(Address::new());
    assert!(address.here() && address.here());
    let mut owner = Some(address);
    assert!(owner.as_mut().is_some_and(|address| address.here()));
}

#[test]
fn an_address_may_move_until_it_is_first_seen() {
    let address = Address::new();
    let mut elsewhere = Box::new(address);
    assert!(elsewhere.here());
}

#[test]
fn an_address_that_was_swapped_is_not_here_any_more() {
    let (mut one, mut other) = (Box::new(Address::new()), Box::new(Address::new()));
    assert!(one.here() && other.here());
    std::mem::swap(&mut *one, &mut *other);
    assert!(!one.here() && !other.here());
}

const HAPPENED: [&str; 2] = ["a yields", "b completes"];
const BACKWARDS: Misconception<'_> = Misconception {
    mistake: "backwards",
    predictions: &[&["b completes", "a yields"]],
    sentence: "This is the wrong way round.",
};

fn predicting(lines: &[&str]) -> Verdict {
    verdict_of(|| predict::compare(&run!(), lines, &HAPPENED, &[BACKWARDS]))
}

#[test]
fn a_right_prediction_is_kept_whatever_its_case_and_spaces() {
    assert_eq!(predicting(&["A  yields", " b completes "]), Verdict::Kept);
}

#[test]
fn a_right_prediction_is_kept_whatever_its_quotes_and_punctuation() {
    assert_eq!(
        predicting(&["a: \"yields\"", "b completes."]),
        Verdict::Kept
    );
}

#[test]
fn a_right_prediction_is_kept_without_a_space_before_a_unit() {
    let compare = |lines: &[&str]| {
        verdict_of(|| predict::compare(&run!(), lines, &["c ends at 4 s"], &[BACKWARDS]))
    };
    assert_eq!(compare(&["c ends at 4s."]), Verdict::Kept);
    assert_ne!(compare(&["c ends at 4 ms"]), Verdict::Kept);
    assert_ne!(compare(&["c ends at4 s"]), Verdict::Kept);
}

#[test]
fn a_prediction_with_a_blank_is_unfinished() {
    insta::assert_debug_snapshot!(predicting(&["a yields", "?"]), @r#"
    Unfinished(
        "line 2 of your prediction is still a question mark",
    )
    "#);
}

#[test]
fn a_prediction_that_comes_from_a_misconception_has_its_name() {
    let verdict = predicting(&["b completes", "a yields"]);
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(
        (diagnosis.mistake.as_deref(), diagnosis.marked),
        (Some("backwards"), Some(0))
    );
}

#[test]
fn any_other_wrong_prediction_has_its_first_wrong_line_marked_and_no_name() {
    for (lines, marked) in [
        (&["a yields", "b yields"][..], Some(1)),
        (&["a yields", "b completes", "a yields"], Some(2)),
        (&["a yields"], Some(0)),
    ] {
        let verdict = predicting(lines);
        let Verdict::Broken(diagnosis) = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(
            (diagnosis.mistake, diagnosis.marked),
            (None, marked),
            "{lines:?}"
        );
    }
}

#[test]
fn a_wrong_prediction_is_not_answered_with_the_right_one() {
    let verdict = predicting(&["a yields", "b yields"]);
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("{verdict:?}")
    };
    assert!(
        !diagnosis.to_string().contains("b completes"),
        "{diagnosis}"
    );
}

fn worded(lines: &[&str]) -> Verdict {
    let wording = Wording {
        forms: &["a yields", "a says … to …"],
        guide: "a line reads `a yields` or `a says … to …`",
    };
    verdict_of(|| predict::written_as(&run!(), lines, wording))
}

#[test]
fn a_prediction_in_the_known_words_may_be_compared_whether_right_or_wrong() {
    for line in [
        "A yields.",
        "a says good morning to \"b\"",
        "a says to to to",
    ] {
        assert_eq!(worded(&[line]), Verdict::Kept, "{line}");
    }
}

#[test]
fn a_prediction_in_other_words_is_not_taken_for_a_wrong_one() {
    for line in ["it yields", "a yields 1", "a says to b", ""] {
        let verdict = worded(&["a yields", line]);
        let Verdict::Unfinished(sentence) = verdict else {
            panic!("{line}: {verdict:?}")
        };
        assert!(sentence.contains("line 2"), "{sentence}");
        assert!(sentence.contains("a line reads `a yields`"), "{sentence}");
    }
}

#[test]
fn what_a_panic_leaves_behind_is_named_and_what_is_given_away_is_not() {
    use probe::leaks::{Case, End, nothing_is_left};
    let kept = verdict_of(|| {
        nothing_is_left(&probe::run!(), 2, |values, case: Case| {
            let token = values.token();
            if case.end == End::Panics && case.steps == 1 {
                std::mem::forget(token);
                panic!("with a value in its hands");
            }
        });
    });
    let Verdict::Broken(diagnosis) = kept else {
        panic!("one value is left: {kept:?}");
    };
    assert_eq!(diagnosis.mistake.as_deref(), Some("never-dropped"));
    assert!(
        diagnosis.sentence.contains("panicked after 1 step"),
        "{}",
        diagnosis.sentence
    );
    let clean = verdict_of(|| nothing_is_left(&probe::run!(), 2, |values, _| drop(values.token())));
    assert_eq!(clean, Verdict::Kept);
}

#[test]
fn an_answer_that_changes_from_call_to_call_is_no_prediction() {
    let mut asked = 0;
    let changes = verdict_of(|| {
        probe::predict::steady(&probe::run!(), || {
            asked += 1;
            asked > 2
        });
    });
    assert!(matches!(changes, Verdict::Broken(_)), "{changes:?}");
    assert_eq!(
        verdict_of(|| assert_eq!(probe::predict::steady(&probe::run!(), || 7), 7)),
        Verdict::Kept
    );
}
