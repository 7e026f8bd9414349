//! Programs that fail under some schedules, and what is asked of a schedule that was shrunk.

use std::cell::{Cell, RefCell};

use super::super::subject::Found;
use probe::{Recorder, Run};

/// More runs than this are not shown.
const SHOWN: usize = 60;

type Fails<'a> = Box<dyn Fn(&[usize]) -> Option<&'static str> + 'a>;

/// A program, which counts how often it is run.
pub(super) struct Program<'a> {
    run: Run,
    recorder: Recorder,
    /// How it fails under a schedule, of which it may look at any decision.
    fails: Fails<'a>,
    runs: Cell<usize>,
    allowed: usize,
    seeds: RefCell<Vec<u64>>,
    seed_failed: Cell<bool>,
}

impl<'a> Program<'a> {
    pub(super) fn new(
        run: &Run,
        fails: impl Fn(&[usize]) -> Option<&'static str> + 'a,
    ) -> Program<'a> {
        Program {
            run: run.clone(),
            recorder: run.recorder().clone(),
            fails: Box::new(fails),
            runs: Cell::new(0),
            allowed: 2_000,
            seeds: RefCell::default(),
            seed_failed: Cell::new(false),
        }
    }

    pub(super) fn allowing(mut self, runs: usize) -> Program<'a> {
        self.allowed = runs;
        self
    }

    /// What `run` is.
    pub(super) fn runs(&self) -> impl FnMut(&[usize]) -> Option<&'static str> + '_ {
        |schedule| {
            self.runs.set(self.runs.get() + 1);
            let failure = self.failure(schedule);
            if self.runs.get() <= SHOWN && schedule.len() <= 12 {
                let failure = failure.unwrap_or("passes");
                self.recorder
                    .says("run", format!("{schedule:?} → {failure}"));
            }
            if self.runs.get() > self.allowed {
                self.run.diagnose(
                    "too-many-runs",
                    format!(
                        "The program was run {} times, and the contract allows {} here. To try every subset of the decisions takes 2 to the power \
                         of their number.",
                        self.runs.get(),
                        self.allowed
                    ),
                );
            }
            failure
        }
    }

    fn failure(&self, schedule: &[usize]) -> Option<&'static str> {
        let mut whole = schedule.to_vec();
        whole.resize(whole.len().max(300), 0);
        (self.fails)(&whole)
    }

    /// What `run_seed` is, for a program in which one seed fails.
    pub(super) fn run_seed(
        &self,
        seed: u64,
        fails: u64,
        schedule: Vec<usize>,
    ) -> Option<(Vec<usize>, &'static str)> {
        self.recorder.says(
            "seed",
            format!(
                "{seed}{}",
                if seed == fails {
                    " → lost"
                } else {
                    " passes"
                }
            ),
        );
        if self.seed_failed.get() {
            self.run.diagnose(
                "runs-on-after-failure",
                format!("Seed {fails} had failed, and seed {seed} was run after it. The first failure is the one to be shrunk."),
            );
        }
        self.seeds.borrow_mut().push(seed);
        self.seed_failed.set(seed == fails);
        (seed == fails).then_some((schedule, "lost"))
    }

    /// Whether a schedule is as the contract says.
    pub(super) fn judge(&self, shrunk: &[usize], failure: &'static str) {
        self.recorder.says("shrunk", format!("{shrunk:?}"));
        match self.failure(shrunk) {
            Some(other) if other == failure => {}
            Some(other) => self.run.diagnose(
                "shrinks-to-another-failure",
                format!(
                    "The program was `{failure}` under the schedule that was found. Under the shrunk one it is `{other}`: that is another failure, and \
                     says nothing about the one that was found."
                ),
            ),
            None => self.run.diagnose(
                "shrinks-too-far",
                format!("Under the shrunk schedule {shrunk:?} the program passes. Each smaller schedule has to be run before it is kept."),
            ),
        }
        if shrunk.last() == Some(&0) {
            self.run.diagnose(
                "shrinks-too-little",
                format!(
                    "The shrunk schedule {shrunk:?} ends with a 0. From its end on every decision is 0 anyway, so the same run has a shorter schedule."
                ),
            );
        }
        for place in (0..shrunk.len()).filter(|&place| shrunk[place] != 0) {
            let mut fewer = shrunk.to_vec();
            fewer[place] = 0;
            if self.failure(&fewer) == Some(failure) {
                self.recorder
                    .says("check", format!("{fewer:?} → {failure}, too"));
                self.run.diagnose(
                    "shrinks-too-little",
                    format!(
                        "The shrunk schedule is {shrunk:?}. With its decision {} set to 0 the program fails in the same way.",
                        place + 1
                    ),
                );
            }
        }
    }

    /// `given` are the seeds up to the one that fails.
    pub(super) fn judge_found(&self, found: Option<Found<&'static str>>, given: &[u64]) {
        let seed = *given.last().expect("one seed fails");
        if *self.seeds.borrow() != given {
            self.run.departs(format!(
                "The seeds were given as {given:?}, up to the one that fails, and run as {:?}. They are run in the order in which they are given.",
                self.seeds.borrow()
            ));
        }
        let Some(found) = found else {
            self.run.departs(format!(
                "Seed {seed} makes the program fail, and `find` returned `None`."
            ));
        };
        if found.seed != seed {
            self.run.diagnose(
                "seed-not-reported",
                format!(
                    "Seed {seed} made the program fail, and `find` reported seed {}. With that seed the failure cannot be repeated.",
                    found.seed
                ),
            );
        }
        if found.failure != "lost" {
            self.run
                .departs("The failure that `find` returned is not the one that was found.");
        }
        self.judge(&found.schedule, "lost");
    }
}

/// Tries every program of three decisions that fails in one of two ways or passes, for each set of decisions that are taken.
pub(super) fn every_program(shrink: impl Fn(&[usize], &&'static str, &Program<'_>) -> Vec<usize>) {
    const FAILURES: [Option<&str>; 3] = [None, Some("lost"), Some("stuck")];
    let run = probe::run!();
    for mut number in 0..3_usize.pow(7) {
        let mut failures = [Some("lost"); 8];
        for failure in &mut failures[..7] {
            *failure = FAILURES[number % 3];
            number /= 3;
        }
        run.recorder().clear();
        let program = Program::new(&run, |schedule| {
            let taken = |place: usize| usize::from(schedule[place] != 0) << place;
            failures[taken(0) | taken(1) | taken(2)]
        });
        let shrunk = shrink(&[1, 2, 1], &"lost", &program);
        program.judge(&shrunk, "lost");
    }
}
