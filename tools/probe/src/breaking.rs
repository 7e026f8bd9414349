//! *Break it*: the learner writes a schedule, and exactly the faulty version must fail in it.
//!
//! A check states the **steps** of a schedule, and drives two **versions** of the same code through them: one with a fault, and the
//! right one. [`Breaking::judge`] carries out the learner's schedule on both. It accepts the schedule if the faulty version breaks the
//! rule and the right version keeps it, and then it says how long the shortest such schedule is.
//!
//! ```
//! use std::borrow::Cow;
//! use probe::breaking::{Breaking, Fault, Scheduled, Version};
//! use probe::{run, runs};
//!
//! #[derive(Debug, Clone, PartialEq)]
//! enum Step { Put, Take }
//!
//! impl Scheduled for Step {
//!     fn track(&self) -> Cow<'static, str> { "box".into() }
//!     fn call(&self) -> Cow<'static, str> {
//!         match self { Step::Put => "put(1)".into(), Step::Take => "take()".into() }
//!     }
//! }
//!
//! /// The same driver for both: a real check makes it twice with a macro, once for each version's module.
//! struct Driver { letters: u32, room: u32, put: u32 }
//!
//! impl Version for Driver {
//!     type Step = Step;
//!     fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
//!         match step {
//!             Step::Put => { self.put += 1; self.letters = (self.letters + 1).min(self.room); }
//!             Step::Take if self.put == 0 => return Err("no letter was put in".to_owned()),
//!             Step::Take => { self.put -= 1; self.letters -= 1; }
//!         }
//!         Ok(runs::Step::of(format!("{} in it", self.letters)))
//!     }
//!     fn fault(&self) -> Option<Fault> {
//!         (self.letters != self.put).then(|| Fault::of("box", "a letter is lost"))
//!     }
//! }
//!
//! let version = |room| move || Driver { letters: 0, room, put: 0 };
//! let how = Breaking { rule: "every letter that was put in is still there", alphabet: &[Step::Put, Step::Take] };
//! // The learner's schedule. The faulty box has room for one letter.
//! let schedule = || vec![Step::Put, Step::Take, Step::Put, Step::Put];
//! let shown = how.judge(&run!(), schedule, version(1), version(9));
//! assert!(shown.sentence.contains("Your schedule has 4 steps; the shortest has 2"), "{}", shown.sentence);
//! ```
//!
//! # Writing such a check
//!
//! - The learner's file declares the enum of the steps, above its marks. So an editor completes them, and a step that does not exist
//!   does not compile. The check implements [`Scheduled`] for it.
//! - The faulty version lies beside the check, `checks/SLUG/faulty.rs`, where learners read it and its hash protects it.
//! - [`Version::fault`] judges by the contract alone, and both versions are judged by the same code.
//! - A step that makes no sense now, such as polling what was dropped, is `Err` with the reason. What the contract permits is a step.

mod search;

use std::borrow::Cow;
use std::fmt::Debug;

use crate::diagnosis::Diagnosis;
use crate::panics;
use crate::recorder::Recorder;
use crate::run::Run;
use crate::runs;

/// A step of a schedule: something that a task, a caller or the world does.
pub trait Scheduled: Debug + Clone + PartialEq {
    /// The track in which it is shown: `A`.
    fn track(&self) -> Cow<'static, str>;
    /// How the run shows it: `polls its wait`.
    fn call(&self) -> Cow<'static, str>;
}

/// One of the two versions of the code, with the tasks that use it.
pub trait Version {
    /// The steps.
    type Step: Scheduled;

    /// Carries out a step and says what can be seen. A task that is woken in it has the fact [`WOKEN`].
    ///
    /// # Errors
    ///
    /// Why the step is impossible now, as the end of a sentence: `B has dropped its wait`.
    fn apply(&mut self, step: &Self::Step) -> Result<runs::Step, String>;

    /// What is wrong now. It is asked after each step, and a version with a fault is not driven further.
    fn fault(&self) -> Option<Fault>;

    /// What is wrong after the last step. It is asked where [`fault`](Version::fault) has found nothing.
    fn fault_in_the_end(&self) -> Option<Fault> {
        None
    }
}

/// What is wrong: a line of the run, which gets the mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    track: Cow<'static, str>,
    text: Cow<'static, str>,
}

impl Fault {
    /// `track` is whose line it is, `text` what is wrong: `waits, and the latch is open`.
    #[must_use]
    pub fn of(track: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Fault {
        Fault {
            track: track.into(),
            text: text.into(),
        }
    }
}

/// The fact of a step that is recorded as a call of the track's waker.
pub const WOKEN: &str = "is woken";

/// How a schedule is judged.
#[derive(Debug, Clone, Copy)]
pub struct Breaking<'a, S> {
    /// The rule that the faulty version breaks, as a clause: `an open latch has woken every task that waits`.
    pub rule: &'a str,
    /// Every step: the shortest schedule is searched among them.
    pub alphabet: &'a [S],
}

impl<S: Scheduled> Breaking<'_, S> {
    /// Carries out the learner's schedule on both versions, and returns the two runs that the verdict shows: the faulty version's and,
    /// as the expected one, the right version's.
    ///
    /// # Panics
    ///
    /// With [`Run::unfinished`] for a schedule without steps. With a diagnosis for one that changes from call to call
    /// (`answer-changes`), has an impossible step (`schedule-not-legal`), breaks no version (`schedule-breaks-neither`), or the right
    /// version as well (`schedule-breaks-both`).
    #[track_caller]
    pub fn judge<F, R>(
        &self,
        run: &Run,
        schedule: impl FnMut() -> Vec<S>,
        faulty: impl Fn() -> F,
        right: impl Fn() -> R,
    ) -> Diagnosis
    where
        F: Version<Step = S>,
        R: Version<Step = S>,
    {
        let schedule = steady(run, schedule);
        let sentence = "This happened while your schedule was carried out.";
        let (mine, theirs, expected) = run.risk(None, sentence, || {
            let expected = Recorder::default();
            let mine = drive(&mut faulty(), &schedule, run.recorder());
            let theirs = drive(&mut right(), &schedule, &expected);
            (mine, theirs, expected)
        });
        for (outcome, recorder, version) in [
            (&mine, run.recorder(), "faulty"),
            (&theirs, &expected, "right"),
        ] {
            if let Outcome::Impossible { step, why } = outcome {
                let number = step + 1;
                show_alone(run, recorder);
                run.diagnose(
                    "schedule-not-legal",
                    format!(
                        "Step {number} of your schedule, `{:?}`, is impossible on the {version} version: {why}.",
                        schedule[*step]
                    ),
                );
            }
        }
        let marked = (mine.marked(), theirs.marked());
        let ends = |code: &str, sentence: String| -> ! {
            run.differs(
                Some(code),
                sentence,
                marked.0,
                expected.recording(),
                marked.1,
            )
        };
        match (&mine, &theirs) {
            (Outcome::Broken { fault, step, .. }, Outcome::Kept) => {
                let needed = step.map_or(schedule.len(), |step| step + 1);
                let length = self.length(schedule.len(), needed, &faulty, &right);
                run.shows(
                    format!(
                        "Exactly the faulty version fails: {} {}. {length}",
                        fault.track, fault.text
                    ),
                    marked.0,
                    expected.recording(),
                    marked.1,
                )
            }
            (Outcome::Broken { .. }, Outcome::Broken { fault, .. }) => ends(
                "schedule-breaks-both",
                format!(
                    "Both versions fail in your schedule. On the right version, too, {} {}. So your schedule does not show what is wrong with \
                     the faulty one. The rule for both: {}.",
                    fault.track, fault.text, self.rule
                ),
            ),
            (_, Outcome::Broken { .. }) => {
                run.departs("The right version fails, and the faulty one does not.")
            }
            _ => ends(
                "schedule-breaks-neither",
                format!(
                    "Your schedule was carried out to its end, and the faulty version keeps the rule: {}.",
                    self.rule
                ),
            ),
        }
    }

    /// How long the schedule is, beside the shortest.
    fn length<F, R>(
        &self,
        all: usize,
        needed: usize,
        faulty: impl Fn() -> F,
        right: impl Fn() -> R,
    ) -> String
    where
        F: Version<Step = S>,
        R: Version<Step = S>,
    {
        let unneeded = match all - needed {
            0 => String::new(),
            1 => " (the last step is not needed)".to_owned(),
            steps => format!(" (the last {steps} are not needed)"),
        };
        let yours = format!("Your schedule has {}{unneeded}", steps(all));
        let searched = search::shortest(self.alphabet, needed - 1, &faulty, &right);
        match (searched.found, searched.tried_up_to + 1 == needed) {
            (Some(shortest), _) => format!("{yours}; the shortest has {shortest}."),
            (None, true) if unneeded.is_empty() => {
                format!("{yours}, and no shorter one does this.")
            }
            (None, true) => format!("{yours}; the shortest has {needed}."),
            (None, false) => format!(
                "{yours}, and none of up to {} does this.",
                steps(searched.tried_up_to)
            ),
        }
    }
}

/// The learner's schedule, which has to be the same however often it is asked for.
#[track_caller]
fn steady<S: Scheduled>(run: &Run, mut ask: impl FnMut() -> Vec<S>) -> Vec<S> {
    const TIMES: usize = 4;
    let first = ask();
    if first.is_empty() {
        run.unfinished("your schedule has no step yet");
    }
    for _ in 1..TIMES {
        if ask() != first {
            run.diagnose(
                "answer-changes",
                "Your schedule changes from one call to the next. Both versions must run in the same one, so it is the same however often it \
                 is asked for.",
            );
        }
    }
    first
}

/// What became of a schedule on one version.
enum Outcome {
    /// The rule was kept to the end.
    Kept,
    Broken {
        fault: Fault,
        /// The step after which it showed; `None` in the end.
        step: Option<usize>,
        marked: Option<usize>,
    },
    Impossible {
        step: usize,
        why: String,
    },
}

impl Outcome {
    fn marked(&self) -> Option<usize> {
        match self {
            Outcome::Broken { marked, .. } => *marked,
            _ => None,
        }
    }
}

/// Carries out a schedule, up to the first fault or the first impossible step.
fn drive<V: Version>(version: &mut V, schedule: &[V::Step], recorder: &Recorder) -> Outcome {
    let broken = |fault: Fault, step| {
        recorder.says(&fault.track, &*fault.text);
        let marked = recorder.last_event();
        Outcome::Broken {
            fault,
            step,
            marked,
        }
    };
    for (place, step) in schedule.iter().enumerate() {
        let call = recorder.enters(&step.track(), step.call());
        match applied(version, step) {
            Ok(Ok(seen)) => {
                call.returns(seen.outcome());
                for fact in seen.facts().iter().filter(|fact| !fact.quiet) {
                    match &*fact.text {
                        WOKEN => recorder.wakes(&fact.lane),
                        text => recorder.says(&fact.lane, text),
                    }
                }
            }
            Ok(Err(why)) => {
                call.returns("impossible");
                return Outcome::Impossible { step: place, why };
            }
            Err(message) => {
                drop(call);
                let fault = Fault::of(step.track(), format!("has panicked: {message}"));
                return broken(fault, Some(place));
            }
        }
        if let Some(fault) = version.fault() {
            return broken(fault, Some(place));
        }
    }
    match version.fault_in_the_end() {
        Some(fault) => broken(fault, None),
        None => Outcome::Kept,
    }
}

/// The outcome of a step, or the message of its panic.
fn applied<V: Version>(
    version: &mut V,
    step: &V::Step,
) -> Result<Result<runs::Step, String>, String> {
    let mut outcome = None;
    match panics::expected(|| outcome = Some(version.apply(step))) {
        Ok(()) => Ok(outcome.expect("it returned")),
        Err(caught) => Err(caught.message),
    }
}

/// Puts one version's run in the place of what was recorded.
fn show_alone(run: &Run, recorder: &Recorder) {
    let recording = recorder.recording();
    run.recorder().clear();
    run.recorder().replay(&recording);
}

fn steps(count: usize) -> String {
    match count {
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    }
}
