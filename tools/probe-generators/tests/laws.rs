//! Each law accepts right generators of different styles, and names the mistake of each wrong one.

use generators::{Generator, Step};
use probe::panics::{Verdict, verdict_of};
use probe::{Run, run};
use probe_generators::{laws, script, spy};

/// A right one with an enum for its state.
#[derive(Default)]
enum ByState {
    #[default]
    Created,
    Paused,
    Complete,
}

impl Generator<i32> for ByState {
    type Yield = i32;
    type Return = i32;

    fn resume(&mut self, sent: i32) -> Step<i32, i32> {
        match std::mem::replace(self, ByState::Complete) {
            ByState::Created => {
                *self = ByState::Paused;
                Step::Yielded(sent)
            }
            ByState::Paused => Step::Complete(sent),
            ByState::Complete => panic!("resumed after completion"),
        }
    }
}

/// A right one with a counter for its state, and another message when it panics.
#[derive(Default)]
struct ByCount(u32);

impl Generator<i32> for ByCount {
    type Yield = i32;
    type Return = i32;

    fn resume(&mut self, sent: i32) -> Step<i32, i32> {
        self.0 += 1;
        match self.0 {
            1 => Step::Yielded(sent),
            2 => Step::Complete(sent),
            _ => unreachable!("this generator has ended"),
        }
    }
}

/// Goes on after its end.
#[derive(Default)]
struct NeverEnds(ByCount);

impl Generator<i32> for NeverEnds {
    type Yield = i32;
    type Return = i32;

    fn resume(&mut self, sent: i32) -> Step<i32, i32> {
        self.0.0 %= 2;
        self.0.resume(sent)
    }
}

fn past_the_end(generator: impl Generator<i32, Yield = i32, Return = i32>) -> Verdict {
    verdict_of(|| {
        let run = run!();
        let mut generator = spy(&run, "generator", generator);
        laws::drive(&mut generator, [1, 2]);
        laws::stays_complete(&run, &mut generator, 3);
    })
}

#[test]
fn a_generator_that_panics_past_its_end_stays_complete() {
    assert_eq!(past_the_end(ByState::default()), Verdict::Kept);
    assert_eq!(past_the_end(ByCount::default()), Verdict::Kept);
}

#[test]
fn a_generator_that_goes_on_past_its_end_is_named() {
    assert_eq!(
        code(&past_the_end(NeverEnds::default())),
        "resumed-after-complete"
    );
}

#[test]
fn a_delegate_that_is_resumed_past_its_end_is_named() {
    let verdict = verdict_of(|| {
        let run = run!();
        let mut delegate = spy(&run, "delegate", script::<(), (), _>([], 7));
        laws::drive(&mut delegate, [()]);
        let _step = delegate.resume(());
    });
    assert_eq!(code(&verdict), "resumed-after-complete");
}

#[test]
fn building_without_resuming_does_nothing() {
    let verdict = verdict_of(|| {
        let run = run!();
        let delegate = spy(&run, "delegate", ByCount::default());
        run.recorder().says("caller", "was here before");
        let _built = laws::does_nothing_until_resumed(&run, || Box::new(delegate));
    });
    assert_eq!(verdict, Verdict::Kept);
}

#[test]
fn resuming_while_building_is_named_and_marked() {
    let verdict = verdict_of(|| {
        let run = run!();
        let mut delegate = spy(&run, "delegate", ByCount::default());
        run.recorder().says("caller", "was here before");
        laws::does_nothing_until_resumed(&run, || delegate.resume(1));
    });
    assert_eq!(code(&verdict), "eager-start");
    let Verdict::Broken(diagnosis) = verdict else {
        unreachable!("it has a code")
    };
    assert_eq!(diagnosis.marked, Some(1));
}

#[test]
fn driving_stops_when_the_values_run_out() {
    let mut endless = NeverEnds::default();
    let (yielded, returned) = laws::drive(&mut endless, [5]);
    assert_eq!((yielded, returned), (vec![5], None));
}

#[test]
fn a_script_yields_completes_and_remembers_what_it_was_sent() {
    let mut script = script(["a", "b"], "end");
    let heard = script.heard();
    let (yielded, returned) = laws::drive(&mut script, [1, 2, 3]);
    assert_eq!((yielded, returned), (vec!["a", "b"], Some("end")));
    assert_eq!(*heard.borrow(), [1, 2, 3]);
}

#[test]
fn a_thousand_runs_give_one_recording() {
    let record = || {
        let run: Run = run!();
        let mut generator = spy(&run, "generator", ByState::default());
        laws::drive(&mut generator, [1, 2]);
        laws::stays_complete(&run, &mut generator, 3);
        run.recorder().recording().to_string()
    };
    let first = record();
    assert!((1..1_000).all(|_| record() == first));
    insta::assert_snapshot!(first, @r"
     1  generator  resume(1) → yields 1
     2  generator  resume(2) → completes with 2
     3  generator  resume(3) after the end → panics
    ");
}

#[track_caller]
fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake.as_deref().expect("a named mistake"),
        other => panic!("{other:?}"),
    }
}
