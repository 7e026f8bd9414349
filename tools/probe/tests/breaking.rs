//! Schedules in which exactly the faulty version must fail: accepted, refused and measured.

use std::borrow::Cow;

use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::panics::{Verdict, verdict_of};
use probe::{Diagnosis, run, runs};

/// What happens to a door with a lock.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    Lock,
    Unlock,
    Enter,
    Shake,
}

use Act::{Enter, Lock, Shake, Unlock};

impl Scheduled for Act {
    fn track(&self) -> Cow<'static, str> {
        "door".into()
    }

    fn call(&self) -> Cow<'static, str> {
        format!("{self:?}").to_lowercase().into()
    }
}

/// What a version does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    /// Two shakes open the lock.
    Shaken,
    /// Two shakes take it off its hinges.
    Panics,
    /// The first shake starts a fire, which shows in the end.
    Burns,
}

struct Door {
    wrong: Wrong,
    locked: bool,
    shakes: u32,
    inside: bool,
}

fn door(wrong: Wrong) -> impl Fn() -> Door {
    move || Door {
        wrong,
        locked: false,
        shakes: 0,
        inside: false,
    }
}

impl Version for Door {
    type Step = Act;

    fn apply(&mut self, act: &Act) -> Result<runs::Step, String> {
        let opened = self.wrong == Wrong::Shaken && self.shakes >= 2;
        match act {
            Lock => self.locked = true,
            Unlock if !self.locked => return Err("the door is not locked".to_owned()),
            Unlock => self.locked = false,
            Enter => self.inside = !self.locked || opened,
            Shake => self.shakes += 1,
        }
        assert!(
            self.wrong != Wrong::Panics || self.shakes < 2,
            "the hinges broke"
        );
        Ok(runs::Step::of(if self.inside {
            "inside"
        } else {
            "outside"
        }))
    }

    fn fault(&self) -> Option<Fault> {
        (self.inside && self.locked).then(|| Fault::of("door", "is locked, and let us in"))
    }

    fn fault_in_the_end(&self) -> Option<Fault> {
        let burns = self.wrong == Wrong::Burns && self.shakes > 0;
        burns.then(|| Fault::of("house", "has burned down"))
    }
}

const HOW: Breaking<'static, Act> = Breaking {
    rule: "a locked door stays shut",
    alphabet: &[Lock, Unlock, Enter, Shake],
};

fn accepted(schedule: &[Act], wrong: Wrong) -> Diagnosis {
    HOW.judge(
        &run!(),
        || schedule.to_vec(),
        door(wrong),
        door(Wrong::Nothing),
    )
}

fn refused(schedule: &[Act], right: Wrong) -> Diagnosis {
    let schedule = schedule.to_vec();
    let verdict = verdict_of(move || {
        HOW.judge(
            &run!(),
            || schedule.clone(),
            door(Wrong::Shaken),
            door(right),
        );
    });
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shortest_schedule_is_accepted_and_both_runs_are_shown() {
    let shown = accepted(&[Lock, Shake, Shake, Enter], Wrong::Shaken);
    assert_eq!(
        shown.sentence,
        "Exactly the faulty version fails: door is locked, and let us in. Your schedule has 4 steps, and no shorter one does this."
    );
    assert_eq!(shown.recording.lines().len(), 5);
    let marked = shown
        .marked
        .and_then(|event| shown.recording.line_of(event));
    assert_eq!(marked, Some(5));
    let right = shown.expected.expect("the right version ran as well");
    assert_eq!((right.recording.lines().len(), right.marked), (4, None));
}

#[test]
fn a_longer_schedule_is_accepted_and_the_shortest_length_is_told() {
    let shown = accepted(&[Shake, Lock, Unlock, Shake, Lock, Enter], Wrong::Shaken);
    assert!(
        shown
            .sentence
            .ends_with("Your schedule has 6 steps; the shortest has 4."),
        "{}",
        shown.sentence
    );
}

#[test]
fn steps_after_the_failure_are_called_unneeded() {
    let shown = accepted(&[Lock, Shake, Shake, Enter, Unlock, Enter], Wrong::Shaken);
    assert!(
        shown.sentence.ends_with(
            "Your schedule has 6 steps (the last 2 are not needed); the shortest has 4."
        ),
        "{}",
        shown.sentence
    );
}

#[test]
fn a_panic_of_the_faulty_version_is_its_failure() {
    let shown = accepted(&[Shake, Shake], Wrong::Panics);
    assert!(
        shown
            .sentence
            .contains("door has panicked: the hinges broke"),
        "{}",
        shown.sentence
    );
}

#[test]
fn a_fault_that_shows_in_the_end_counts() {
    let shown = accepted(&[Shake], Wrong::Burns);
    assert!(
        shown
            .sentence
            .contains("house has burned down. Your schedule has 1 step, and no shorter"),
        "{}",
        shown.sentence
    );
}

#[test]
fn a_schedule_that_breaks_neither_version_is_refused_with_the_rule() {
    let diagnosis = refused(&[Lock, Shake, Enter], Wrong::Nothing);
    assert_eq!(
        diagnosis.mistake.as_deref(),
        Some("schedule-breaks-neither")
    );
    assert!(
        diagnosis
            .sentence
            .ends_with("keeps the rule: a locked door stays shut."),
        "{}",
        diagnosis.sentence
    );
    assert!(diagnosis.expected.is_some());
}

#[test]
fn a_schedule_that_breaks_both_versions_is_refused() {
    let diagnosis = refused(&[Enter, Lock], Wrong::Nothing);
    assert_eq!(diagnosis.mistake.as_deref(), Some("schedule-breaks-both"));
}

#[test]
fn an_impossible_step_is_refused_with_the_reason_and_shown_on_the_version_that_cannot_do_it() {
    let diagnosis = refused(&[Lock, Unlock, Unlock], Wrong::Nothing);
    assert_eq!(diagnosis.mistake.as_deref(), Some("schedule-not-legal"));
    assert_eq!(
        diagnosis.sentence,
        "Step 3 of your schedule, `Unlock`, is impossible on the faulty version: the door is not locked."
    );
    assert!(
        diagnosis
            .recording
            .to_string()
            .contains("unlock → impossible")
    );
}

#[test]
fn an_impossible_step_behind_the_failure_is_still_refused() {
    let diagnosis = refused(&[Lock, Shake, Shake, Enter, Unlock, Unlock], Wrong::Nothing);
    assert!(
        diagnosis
            .sentence
            .contains("impossible on the right version"),
        "{}",
        diagnosis.sentence
    );
}

#[test]
fn a_schedule_without_steps_is_unfinished_and_one_that_changes_is_refused() {
    let verdict = verdict_of(|| {
        let none = Vec::new;
        HOW.judge(&run!(), none, door(Wrong::Shaken), door(Wrong::Nothing));
    });
    assert!(matches!(verdict, Verdict::Unfinished(sentence) if sentence.contains("no step yet")));
    let verdict = verdict_of(|| {
        let mut calls = 0;
        let changing = || {
            calls += 1;
            vec![Shake; calls]
        };
        HOW.judge(&run!(), changing, door(Wrong::Shaken), door(Wrong::Nothing));
    });
    assert!(
        matches!(verdict, Verdict::Broken(diagnosis) if diagnosis.mistake.as_deref() == Some("answer-changes"))
    );
}
