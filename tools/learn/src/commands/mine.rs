//! `cargo learn mine`: the runtime with the learner's parts in it.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::arguments;
use crate::commands::check;
use crate::documents::output;
use crate::id;
use crate::judging::check::Options;
use crate::judging::waiting;
use crate::learner::progress::Progress;
use crate::mine::assembly::Assembly;
use crate::mine::client;
use crate::mine::parts::{self, Part, Wanted};
use crate::mine::serve::{self, Served};
use crate::mine::tests::Limits;
use crate::mine::trial::{Step, Trial};
use crate::screen;
use crate::screen::paint::Paint;
use crate::stop::Stop;
use course::course::Course;

/// How many connections `--serve` opens, unless the learner says another number.
const CONNECTIONS: usize = 10_000;

/// Assembles the runtime, runs the chapters' programs and tests on it, and names the parts that break something.
///
/// # Errors
///
/// If the command or the course is at fault.
pub fn run(course: &Course, arguments: &arguments::Mine, stop: &Stop) -> Result<ExitCode> {
    let begun = Instant::now();
    let wanted = wanted(course, arguments)?;
    let limits = Limits {
        deadline: check::deadline(arguments.deadline)?,
        stop: stop.clone(),
    };
    if arguments.serve && !serve::is_there(course) {
        bail!(
            "The echo server is not in this version of the course, so there is nothing to serve with yet."
        );
    }
    waiting::tell_on_standard_error();
    // A damaged progress file is said before anything is built.
    Progress::read(course)?;
    let screen = Screen {
        course,
        paint: Paint::for_stdout(),
        json: arguments.json,
    };
    let options = Options {
        stop: stop.clone(),
        on_crate: check::announce_builds(),
        ..Options::default()
    };
    let parts = parts::find(course, &wanted, &options, |count| screen.checking(count))?;
    screen.show(|| screen::mine::parts(&parts, screen.paint));
    let mine = Mine {
        course,
        arguments,
        limits,
        screen: &screen,
    };
    let all_is_well = if parts.iter().any(|part| part.yours().is_some()) || arguments.serve {
        mine.try_out(&parts, begun)?
    } else {
        screen.print_json(|| output::mine(&parts, None, None, begun.elapsed()));
        true
    };
    Ok(if all_is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// What the client of `--serve` found, for the process that started it.
///
/// # Errors
///
/// None but those of JSON.
pub fn client(address: SocketAddr, connections: usize) -> Result<String> {
    Ok(serde_json::to_string(&client::run(address, connections))?)
}

fn wanted(course: &Course, arguments: &arguments::Mine) -> Result<Wanted> {
    let ids = |written: &[String]| -> Result<Vec<String>> {
        let part = |id: &String| {
            let exercise = id::find(course, id)?;
            if parts::places(course).all(|(part, _)| part.id != exercise.id) {
                bail!(
                    "{} {} is no part of the runtime: its answer is no file of a chapter.",
                    exercise.number,
                    exercise.name()
                );
            }
            Ok(exercise.id.clone())
        };
        written.iter().map(part).collect()
    };
    Ok(Wanted {
        only: ids(&arguments.only)?,
        without: ids(&arguments.without)?,
    })
}

/// One call of the command.
struct Mine<'a> {
    course: &'a Course,
    arguments: &'a arguments::Mine,
    limits: Limits,
    screen: &'a Screen<'a>,
}

impl Mine<'_> {
    /// Whether all is well.
    fn try_out(&self, parts: &[Part<'_>], begun: Instant) -> Result<bool> {
        let yours: Vec<&Part<'_>> = parts.iter().filter(|part| part.yours().is_some()).collect();
        if let Some(seconds) = last_time(self.course) {
            self.screen.note(&format!(
                "The chapters' tests run on your runtime. The last time that took {seconds} seconds."
            ));
        }
        let assembly = Assembly::open(self.course, &yours, &self.limits.stop, || {
            self.screen.note(
                "Another `cargo learn mine` is at work here, and this one waits until it is done. Ctrl-C gives up.",
            );
        })?;
        let on_crate = self.screen.announce_builds(&assembly);
        let trial = Trial {
            course: self.course,
            assembly: &assembly,
            parts: parts.iter().collect(),
            limits: self.limits.clone(),
            colour: self.screen.paint.colour && !self.arguments.json,
            on_crate: Arc::clone(&on_crate),
            say: &|step| self.screen.step(step),
        };
        let outcome = trial.run()?;
        took(&assembly, begun.elapsed());
        let paint = self.screen.paint;
        self.screen.show(|| {
            screen::mine::outcome(
                self.course,
                &assembly,
                parts,
                &outcome,
                begun.elapsed(),
                paint,
            )
        });
        let served = if self.arguments.serve && outcome.is_good() {
            Some(self.serve(&assembly, &yours, on_crate)?)
        } else {
            None
        };
        self.screen.show(|| match &served {
            Some(served) => screen::mine::served(parts, served, paint),
            None => screen::mine::what_next(self.course, &outcome),
        });
        self.screen.print_json(|| {
            let tried = Some((&assembly, &outcome));
            output::mine(parts, tried, served.as_ref(), begun.elapsed())
        });
        let came_back = served.is_none_or(|served| served.report.problem.is_none());
        Ok(outcome.is_good() && came_back)
    }

    fn serve(
        &self,
        assembly: &Assembly,
        yours: &[&Part<'_>],
        on_crate: Arc<dyn Fn(&str) + Send + Sync>,
    ) -> Result<Served> {
        self.screen.note("Building the echo server, optimised.");
        assembly.put(yours, yours)?;
        let server = serve::build(self.course, assembly, &self.limits.stop, on_crate)?;
        self.screen
            .note("The server runs, and the client opens its connections.");
        let connections = self.arguments.connections.unwrap_or(CONNECTIONS);
        serve::run(&server, connections, &self.limits.stop)
    }
}

/// Where it is said what happens: standard output for people, unless it is JSON; standard error for progress.
struct Screen<'a> {
    course: &'a Course,
    paint: Paint,
    json: bool,
}

impl Screen<'_> {
    fn show(&self, text: impl FnOnce() -> String) {
        if !self.json {
            clear_progress();
            print!("{}", text());
            let _ = std::io::stdout().flush();
        }
    }

    fn print_json(&self, document: impl FnOnce() -> serde_json::Value) {
        if self.json {
            println!("{}", document());
        }
    }

    fn note(&self, text: &str) {
        clear_progress();
        eprintln!("{text}");
    }

    fn checking(&self, count: usize) {
        let files = if count == 1 {
            "one file".to_owned()
        } else {
            format!("{count} files")
        };
        self.note(&format!(
            "Checking {files} that changed since the last check."
        ));
    }

    fn step(&self, step: Step<'_>) {
        match step {
            Step::Tested(chapter) => {
                self.show(|| screen::mine::chapter(self.course, chapter, self.paint));
            }
            Step::Slow(test) => self.note(&format!(
                "`{}` was still running at its deadline. The reference is tried, to see how long it takes on this machine.",
                test.function
            )),
            Step::Passed(test, deadline) => self.note(&format!(
                "`{}` passes with a deadline of {} seconds.",
                test.function,
                deadline.as_secs()
            )),
            Step::Searching(test) => self.note(&format!(
                "`{}` fails. Which part is it? The reference takes their places in turn.",
                test.function
            )),
            Step::Estimated { builds, each } => self.note(&format!(
                "That takes up to {builds} builds. The first one took {} seconds.",
                each.as_secs().max(1)
            )),
            Step::SearchingInBuild => self.note(
                "The chapters do not compile with your parts. Which one is it? The reference takes their places in turn.",
            ),
        }
    }

    /// Says once what is built, and how long that takes; in a terminal, how far it is.
    fn announce_builds(&self, assembly: &Assembly) -> Arc<dyn Fn(&str) + Send + Sync> {
        let is_first = !assembly.target.exists();
        let all = if is_first { assembly.size() } else { None };
        let of_all = all.map_or(String::new(), |all| format!(" of {all}"));
        let begun = Instant::now();
        let count = AtomicUsize::new(0);
        let in_a_terminal = std::io::stderr().is_terminal();
        Arc::new(move |_| {
            let crates = count.fetch_add(1, Ordering::Relaxed) + 1;
            if crates == 1 && is_first {
                let all = all.map_or(String::new(), |all| format!(": {all} crates and programs"));
                eprintln!("Building your runtime, for the first time{all}. This takes minutes.");
            }
            if in_a_terminal {
                let seconds = begun.elapsed().as_secs();
                eprint!("\r\u{1b}[K{crates}{of_all} crates and programs are built, {seconds} s \r");
            }
        })
    }
}

/// Notes how long a whole trial took on this machine, for the next one to say so before it begins.
fn took(assembly: &Assembly, time: Duration) {
    // It is only an estimate for the screen: without it the next trial says nothing.
    let _ = std::fs::write(
        assembly.target.with_extension("seconds"),
        format!("{}", time.as_secs()),
    );
}

/// How many seconds the last trial took.
fn last_time(course: &Course) -> Option<u64> {
    let path = course.target.join("mine").join("build.seconds");
    std::fs::read_to_string(path).ok()?.parse().ok()
}

/// In a terminal the line that says how far a build is makes room for what comes next.
fn clear_progress() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\u{1b}[K");
    }
}
