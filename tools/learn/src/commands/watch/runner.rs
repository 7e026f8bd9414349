//! Checks that run beside the session, one at a time. A newer one stops the older.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::event::Event;
use crate::check::{self, Options, Source};
use crate::course::{Course, Exercise};
use crate::progress::Progress;
use crate::stop::Stop;
use crate::verdict::Kind;

/// Runs checks in threads of their own.
pub(super) struct Runner {
    course: Arc<Course>,
    events: Sender<Event>,
    colour: bool,
    run: u64,
    under_way: Option<UnderWay>,
    /// Asked when the session ends.
    leaving: Stop,
    threads: Vec<JoinHandle<()>>,
}

/// A check that is under way.
struct UnderWay {
    stop: Stop,
    since: Instant,
}

impl Runner {
    pub(super) fn new(course: Arc<Course>, events: Sender<Event>, colour: bool) -> Runner {
        Runner {
            course,
            events,
            colour,
            run: 0,
            under_way: None,
            leaving: Stop::default(),
            threads: Vec::new(),
        }
    }

    /// Judges an exercise, and stops what was under way: it was about an older version.
    pub(super) fn judge(&mut self, exercise: &Exercise) {
        self.stop();
        self.run += 1;
        let stop = Stop::default();
        self.under_way = Some(UnderWay {
            stop: stop.clone(),
            since: Instant::now(),
        });
        let (course, events, run) = (Arc::clone(&self.course), self.events.clone(), self.run);
        let (exercise, options) = (exercise.clone(), self.options(stop));
        self.spawn(move || {
            let verdict =
                check::judge(&course, &exercise, &Source::Own, &options).and_then(|verdict| {
                    // At once, and not when somebody quits.
                    if verdict.kind == Kind::Passed {
                        Progress::update(&course, |progress| progress.passed(&exercise.id))?;
                    }
                    Ok(verdict)
                });
            let verdict = Box::new(verdict);
            let _ = events.send(Event::Judged { run, verdict });
        });
    }

    /// Compiles what the checks depend on, so that the first save is judged quickly.
    pub(super) fn warm_up(&mut self, exercise: &Exercise) {
        let (course, events) = (Arc::clone(&self.course), self.events.clone());
        let (exercise, options) = (exercise.clone(), self.options(self.leaving.clone()));
        self.spawn(move || {
            // What goes wrong here goes wrong again at the first save, and is said then.
            let _ = check::warm_up(&course, &exercise, &options);
            let _ = events.send(Event::Warm);
        });
    }

    /// Whether a verdict is about the newest version.
    pub(super) fn is_newest(&mut self, run: u64) -> bool {
        let newest = run == self.run && self.under_way.is_some();
        if newest {
            self.under_way = None;
        }
        newest
    }

    /// Since when a check is under way.
    pub(super) fn since(&self) -> Option<Instant> {
        self.under_way.as_ref().map(|under_way| under_way.since)
    }

    /// Stops what is under way.
    pub(super) fn stop(&mut self) {
        if let Some(under_way) = self.under_way.take() {
            under_way.stop.ask();
        }
    }

    /// Stops everything, and waits until no process is left behind.
    pub(super) fn end(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(2);
        self.stop();
        self.leaving.ask();
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

    fn options(&self, stop: Stop) -> Options {
        let events = self.events.clone();
        Options {
            colour: self.colour,
            stop,
            on_crate: Arc::new(move |name| {
                if !name.starts_with("check_") {
                    let _ = events.send(Event::Compiled);
                }
            }),
            ..Options::default()
        }
    }
}
