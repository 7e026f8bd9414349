//! Trying the assembled runtime: what builds, which tests pass, and which part is the reason where they do not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::judging::compile::{CompileError, How};
use crate::mine::assembly::Assembly;
use crate::mine::blame;
use crate::mine::build::{self, Built, Goal, Program};
use crate::mine::failure::{Ending, Failure, Test};
use crate::mine::parts::Part;
use crate::mine::suspects;
use crate::mine::tests::{self, Limits, Results};
use course::course::Course;

/// What is needed for a trial.
pub struct Trial<'a> {
    /// The course.
    pub course: &'a Course,
    /// The assembled runtime.
    pub assembly: &'a Assembly,
    /// Every part.
    pub parts: Vec<&'a Part<'a>>,
    /// How tests are run.
    pub limits: Limits,
    /// Whether the compiler's errors are rendered with colours.
    pub colour: bool,
    /// Is told the name of each crate that was compiled.
    pub on_crate: Arc<dyn Fn(&str) + Send + Sync>,
    /// Is told what happens.
    pub say: &'a dyn Fn(Step<'_>),
}

/// What happens in a trial.
pub enum Step<'a> {
    /// The tests of a chapter have run.
    Tested(&'a Chapter),
    /// This test was still running at its deadline, and the reference is timed.
    Slow(&'a Test),
    /// The slow test passes with this deadline.
    Passed(&'a Test, Duration),
    /// The part that makes this test fail is looked for.
    Searching(&'a Test),
    /// How many builds that takes at most, and how long the first of them took.
    Estimated {
        /// How many.
        builds: usize,
        /// How long one takes.
        each: Duration,
    },
    /// It is looked for the part with which the chapters do not compile.
    SearchingInBuild,
}

/// What a trial found.
#[derive(Debug, Default)]
pub struct Outcome<'a> {
    /// The chapters whose tests ran, in order.
    pub chapters: Vec<Chapter>,
    /// The parts that break something, with what they break.
    pub broken: Vec<Broken<'a>>,
    /// Tests that failed once, and passed when they were run again.
    pub unsteady: Vec<Failure>,
    /// Tests that do not pass on this machine with the reference in every place, either.
    pub beyond: Vec<Failure>,
}

/// The tests of one chapter.
#[derive(Debug)]
pub struct Chapter {
    /// `03-wakers`.
    pub folder: String,
    /// How many passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
}

/// Parts that break something: mostly one; several if it takes all of them.
#[derive(Debug)]
pub struct Broken<'a> {
    /// Which.
    pub parts: Vec<&'a Part<'a>>,
    /// What they break.
    pub what: Damage,
}

/// What a part breaks.
#[derive(Debug)]
pub enum Damage {
    /// The build, with these errors.
    Build(Vec<CompileError>),
    /// These tests.
    Tests(Vec<Failure>),
}

impl Outcome<'_> {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.broken.is_empty() && self.unsteady.is_empty()
    }

    /// A test that was ended too early has passed with the time that it needs on this machine.
    fn passed_after_all(&mut self, test: &Test) {
        let mut chapters = self.chapters.iter_mut();
        if let Some(chapter) = chapters.find(|chapter| chapter.folder == test.chapter) {
            chapter.failed -= 1;
            chapter.passed += 1;
        }
    }
}

impl<'a> Trial<'a> {
    /// Builds everything, runs all tests, and names the parts that break something.
    ///
    /// # Errors
    ///
    /// If the course is at fault: what is broken with the reference in every place; or the command.
    pub fn run(&self) -> Result<Outcome<'a>> {
        let mut outcome = Outcome::default();
        let mut yours = self.parts.clone();
        yours.retain(|part| part.yours().is_some());
        let programs = self.build_what_compiles(&mut yours, &mut outcome.broken)?;
        let failures = self.test(&programs, &mut outcome.chapters)?;
        self.explain(failures, &yours, &mut outcome)?;
        Ok(outcome)
    }

    /// Parts with which nothing compiles are named and taken out, so that the others can be tried.
    fn build_what_compiles(
        &self,
        yours: &mut Vec<&'a Part<'a>>,
        broken: &mut Vec<Broken<'a>>,
    ) -> Result<Vec<Program>> {
        loop {
            let errors = match self.build(yours, Goal::Everything)? {
                Built::Programs(programs) => return Ok(programs),
                Built::Refused(errors) => errors,
            };
            let named: Vec<Broken<'a>> = yours
                .iter()
                .filter_map(|part| {
                    let own = errors.iter().filter(|error| is_in(error, part));
                    let own: Vec<CompileError> = own.cloned().collect();
                    (!own.is_empty()).then(|| Broken {
                        parts: vec![part],
                        what: Damage::Build(own),
                    })
                })
                .collect();
            let named = if named.is_empty() {
                vec![self.who_spoils_the_build(yours, errors)?]
            } else {
                named
            };
            let taken_out: Vec<&str> = ids(named.iter().flat_map(|broken| &broken.parts));
            yours.retain(|part| !taken_out.contains(&&*part.exercise.id));
            broken.extend(named);
        }
    }

    /// The errors lie elsewhere: another part needs an item that a part no longer has.
    fn who_spoils_the_build(
        &self,
        yours: &[&'a Part<'a>],
        errors: Vec<CompileError>,
    ) -> Result<Broken<'a>> {
        (self.say)(Step::SearchingInBuild);
        let mut fails = |there: &[&'a Part<'a>]| {
            let built = self.build(there, Goal::Everything)?;
            Ok(matches!(built, Built::Refused(_)))
        };
        if yours.is_empty() || fails(&[])? {
            let first = errors.first().map_or("", |error| &error.message);
            bail!(
                "The chapters do not compile with the reference in every place, either, so the course is at fault: {first}."
            );
        }
        Ok(Broken {
            parts: blame::fewest(yours, &mut fails)?,
            what: Damage::Build(errors),
        })
    }

    fn build(&self, yours: &[&Part<'_>], goal: Goal<'_>) -> Result<Built> {
        self.assembly.put(&self.parts, yours)?;
        let how = How {
            colour: self.colour,
            stop: &self.limits.stop,
            on_crate: Arc::clone(&self.on_crate),
        };
        build::tests(self.course, self.assembly, goal, &how)
    }

    fn test(&self, programs: &[Program], chapters: &mut Vec<Chapter>) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        for of_chapter in programs.chunk_by(|a, b| a.chapter == b.chapter) {
            let mut results = Results::default();
            for program in of_chapter {
                let found = tests::all(self.assembly, program, &self.limits)?;
                results.passed += found.passed;
                results.failures.extend(found.failures);
            }
            let chapter = Chapter {
                folder: of_chapter[0].chapter.clone(),
                passed: results.passed,
                failed: results.failures.len(),
            };
            (self.say)(Step::Tested(&chapter));
            chapters.push(chapter);
            failures.append(&mut results.failures);
        }
        Ok(failures)
    }

    /// Finds out which parts make the tests fail, one test after another.
    fn explain(
        &self,
        mut failures: Vec<Failure>,
        yours: &[&'a Part<'a>],
        outcome: &mut Outcome<'a>,
    ) -> Result<()> {
        while !failures.is_empty() {
            let failure = failures.remove(0);
            let test = &failure.test;
            let limits = match failure.ending {
                Ending::Hung(_) => match self.as_long_as_the_reference_needs(test)? {
                    Some(limits) => limits,
                    None => {
                        outcome.beyond.push(failure);
                        continue;
                    }
                },
                Ending::Failed | Ending::Died(_) => self.limits.clone(),
            };
            if self.with(yours, test, &limits)?.failure.is_none() {
                if limits.deadline > self.limits.deadline {
                    outcome.passed_after_all(test);
                    (self.say)(Step::Passed(test, limits.deadline));
                } else {
                    outcome.unsteady.push(failure);
                }
                continue;
            }
            let parts = self.who_makes_it_fail(&failure, yours, &limits)?;
            let (too, others) = self.divided(&parts, failures, &limits)?;
            failures = others;
            // What fails without these parts as well is not theirs.
            let (beyond, too) = self.divided(&[], too, &limits)?;
            outcome.beyond.extend(beyond);
            let mut explained = vec![failure];
            explained.extend(too);
            outcome.broken.push(Broken {
                parts,
                what: Damage::Tests(explained),
            });
        }
        Ok(())
    }

    /// Those that fail with these parts and the reference elsewhere, and those that pass.
    fn divided(
        &self,
        parts: &[&'a Part<'a>],
        failures: Vec<Failure>,
        limits: &Limits,
    ) -> Result<(Vec<Failure>, Vec<Failure>)> {
        let (mut fail, mut pass) = (Vec::new(), Vec::new());
        for failure in failures {
            match self.with(parts, &failure.test, limits)?.failure {
                Some(_) => fail.push(failure),
                None => pass.push(failure),
            }
        }
        Ok((fail, pass))
    }

    /// A test was still running at its deadline: how much time it may have on this machine, by what the reference takes. `None` if
    /// the reference does not finish either.
    fn as_long_as_the_reference_needs(&self, test: &Test) -> Result<Option<Limits>> {
        /// How often the deadline the reference may take.
        const PATIENCE: u32 = 6;
        /// How often the reference's time a right part may take.
        const SLOWER: u32 = 4;
        (self.say)(Step::Slow(test));
        let patient = Limits {
            deadline: PATIENCE * self.limits.deadline,
            ..self.limits.clone()
        };
        let tried = self.with(&[], test, &patient)?;
        Ok(tried.failure.is_none().then(|| Limits {
            deadline: self.limits.deadline.max(SLOWER * tried.ran_for),
            ..patient
        }))
    }

    fn who_makes_it_fail(
        &self,
        failure: &Failure,
        yours: &[&'a Part<'a>],
        limits: &Limits,
    ) -> Result<Vec<&'a Part<'a>>> {
        (self.say)(Step::Searching(&failure.test));
        let suspects = suspects::likeliest_first(self.assembly, failure, yours);
        let begun = Instant::now();
        if suspects.is_empty() || self.with(&[], &failure.test, limits)?.failure.is_some() {
            bail!(
                "The test `{}` in {} {} with the reference in every place, too, so no part of yours is the reason: the course is at \
                 fault, or this machine was very busy.",
                failure.test.function,
                failure.test.file_shown(),
                failure.what_happened(),
            );
        }
        if suspects.len() > 1 {
            (self.say)(Step::Estimated {
                builds: blame::most_questions(suspects.len()),
                each: begun.elapsed(),
            });
        }
        let mut fails = |there: &[&'a Part<'a>]| {
            let tried = self.with(there, &failure.test, limits)?;
            Ok(tried.failure.is_some())
        };
        blame::fewest(&suspects, &mut fails)
    }

    /// Runs one test with these parts, and the reference in all other places.
    fn with(&self, yours: &[&Part<'_>], test: &Test, limits: &Limits) -> Result<Tried> {
        match self.build(yours, Goal::Tests(&test.chapter, &test.file))? {
            Built::Programs(programs) => {
                let begun = Instant::now();
                let failure = match programs.first() {
                    Some(program) => tests::one(self.assembly, program, &test.function, limits)?,
                    None => None,
                };
                Ok(Tried {
                    failure,
                    ran_for: begun.elapsed(),
                })
            }
            // Together with all others it compiled: without them something is missing, which is a failure, too.
            Built::Refused(_) => Ok(Tried {
                failure: Some(Failure {
                    test: test.clone(),
                    ending: Ending::Died("it does not compile".to_owned()),
                    message: Vec::new(),
                }),
                ran_for: Duration::ZERO,
            }),
        }
    }
}

/// One test that was run once more.
struct Tried {
    /// How it failed; `None` if it passed.
    failure: Option<Failure>,
    /// How long the test itself ran.
    ran_for: Duration,
}

fn ids<'a>(parts: impl Iterator<Item = &'a &'a Part<'a>>) -> Vec<&'a str> {
    parts.map(|part| &*part.exercise.id).collect()
}

fn is_in(error: &CompileError, part: &Part<'_>) -> bool {
    std::path::Path::new(&error.file) == part.place
}
