//! Checks and traces that run beside the session, one at a time. A newer one stops the older.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::drawing;
use super::event::Event;
use crate::judging::check::{self, Options, Source};
use crate::judging::crates;
use crate::judging::verdict::Kind;
use crate::learner::progress::Progress;
use crate::stop::Stop;
use course::course::{Course, Exercise};

/// Runs checks in threads of their own.
pub(super) struct Runner {
    course: Arc<Course>,
    events: Sender<Event>,
    colour: bool,
    run: u64,
    /// Stops the run that is under way.
    under_way: Option<Stop>,
    /// Stops the building that is under way.
    warming: Stop,
    /// The chapters that were prepared.
    prepared: Arc<Mutex<HashSet<String>>>,
    threads: Vec<JoinHandle<()>>,
    /// Whether nothing that the checks depend on was compiled when the session began: only then is their number the total.
    is_first_build: bool,
}

impl Runner {
    pub(super) fn new(course: Arc<Course>, events: Sender<Event>, colour: bool) -> Runner {
        Runner {
            is_first_build: !course.checks_folder().exists(),
            course,
            events,
            colour,
            run: 0,
            under_way: None,
            warming: Stop::default(),
            prepared: Arc::default(),
            threads: Vec::new(),
        }
    }

    /// Judges an exercise, and stops what was under way: it was about an older version.
    pub(super) fn judge(&mut self, exercise: &Exercise) {
        let (run, stop) = self.begin();
        let (course, events) = (Arc::clone(&self.course), self.events.clone());
        let (exercise, options) = (exercise.clone(), self.options(exercise, stop));
        self.spawn(move || {
            let verdict =
                check::judge(&course, &exercise, &Source::Own, &options).and_then(|verdict| {
                    // At once, and not when the session ends.
                    if verdict.kind == Kind::Passed {
                        Progress::update(&course, |progress| progress.passed(&exercise.id))?;
                    }
                    Ok(verdict)
                });
            let verdict = Box::new(verdict);
            let _ = events.send(Event::Judged { run, verdict });
        });
    }

    /// Runs an exercise's tests for the one that is to be drawn: the first that fails, or else the most telling.
    pub(super) fn trace(&mut self, exercise: &Exercise) {
        let (run, stop) = self.begin();
        let (course, events) = (Arc::clone(&self.course), self.events.clone());
        let (exercise, options) = (exercise.clone(), self.options(exercise, stop));
        self.spawn(move || {
            let traced = Box::new(drawing::traced(&course, &exercise, &options));
            let _ = events.send(Event::Traced { run, traced });
        });
    }

    /// Compiles what the checks depend on, so that the first save is judged quickly.
    pub(super) fn warm_up(&mut self, exercise: &Exercise) {
        std::mem::take(&mut self.warming).ask();
        let (course, events) = (Arc::clone(&self.course), self.events.clone());
        let stop = self.warming.clone();
        let (exercise, options) = (exercise.clone(), self.options(exercise, stop.clone()));
        self.spawn(move || {
            // What goes wrong here goes wrong again at the first save, and is said then.
            let _ = check::warm_up(&course, &exercise, &options);
            if !stop.asked() {
                let _ = events.send(Event::Warm);
            }
        });
    }

    /// Compiles at low priority what the first check of a later chapter depends on, once in a session. A check, a trace and another
    /// exercise end it at once, so that none of them waits for cargo's lock; what is compiled until then stays.
    ///
    /// Returns whether there is anything to do.
    pub(super) fn prepare(&mut self, first: &Exercise) -> bool {
        if !self
            .prepared
            .lock()
            .is_ok_and(|it| !it.contains(&first.chapter))
        {
            return false;
        }
        let (course, events) = (Arc::clone(&self.course), self.events.clone());
        let (stop, prepared) = (self.warming.clone(), Arc::clone(&self.prepared));
        let first = first.clone();
        self.spawn(move || {
            // What goes wrong here goes wrong again when the learner comes to this chapter, and is said then.
            let _ = check::warm_up_gently(&course, &first, &stop);
            if stop.asked() {
                return;
            }
            if let Ok(mut chapters) = prepared.lock() {
                chapters.insert(first.chapter);
            }
            let _ = events.send(Event::Prepared);
        });
        true
    }

    /// The number of a new run, and what stops it; an older one is stopped.
    fn begin(&mut self) -> (u64, Stop) {
        self.stop();
        self.run += 1;
        let stop = Stop::default();
        self.under_way = Some(stop.clone());
        (self.run, stop)
    }

    /// Whether a verdict is about the newest version.
    pub(super) fn is_newest(&mut self, run: u64) -> bool {
        let newest = run == self.run && self.under_way.is_some();
        if newest {
            self.under_way = None;
        }
        newest
    }

    /// Stops what is under way.
    pub(super) fn stop(&mut self) {
        if let Some(stop) = self.under_way.take() {
            stop.ask();
        }
        std::mem::take(&mut self.warming).ask();
    }

    /// Stops everything, and waits until no process is left behind.
    pub(super) fn end(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(2);
        self.stop();
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE && self.threads.iter().any(|thread| !thread.is_finished())
        {
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn spawn(&mut self, work: impl FnOnce() + Send + 'static) {
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.push(thread::spawn(work));
    }

    fn options(&self, exercise: &Exercise, stop: Stop) -> Options {
        let events = self.events.clone();
        let counts = AtomicBool::new(self.is_first_build);
        let (course, exercise) = (Arc::clone(&self.course), exercise.clone());
        Options {
            colour: self.colour,
            stop,
            on_crate: Arc::new(move |name| {
                // A build script is part of its crate.
                if name.starts_with("check_") || name == "build-script-build" {
                    return;
                }
                let _ = events.send(Event::Compiled);
                if counts.swap(false, Ordering::Relaxed) {
                    count_beside(&course, &exercise, &events);
                }
            }),
            ..Options::default()
        }
    }
}

/// Counts what a first build compiles, beside that build.
fn count_beside(course: &Arc<Course>, exercise: &Exercise, events: &Sender<Event>) {
    let (course, exercise, events) = (Arc::clone(course), exercise.clone(), events.clone());
    thread::spawn(move || {
        if let Some(all) = crates::count(&course, &exercise) {
            let _ = events.send(Event::Counted(all));
        }
    });
}
