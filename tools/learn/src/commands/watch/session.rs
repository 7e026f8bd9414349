//! A session of the watch mode: events in, screens out. What a key means is said in `state`; here it is done.

mod wishes;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::event::Event;
use super::keys::Keys;
use super::map::Map;
use super::runner::Runner;
use super::saves::{Look, Saves};
use super::state::{Crates, Lacks, Page, Readiness, State, Steps, Wish, Work};
use super::terminal::{self, Terminal};
use super::view;
use crate::commands::hint;
use crate::judging::check;
use crate::judging::traces::Traced;
use crate::judging::verdict::Verdict;
use crate::learner::next_step;
use crate::learner::progress::Progress;
use crate::screen::paint::Paint;
use crate::stop::{Stop, Stopped};
use course::course::{Course, Exercise, Kind};
use course::files;

/// How often the session reads the file when nothing happens.
const TICK: Duration = Duration::from_millis(100);

/// Whether the session goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Going {
    On,
    Away,
}

/// Whether an exercise's file is the stub.
fn is_untouched(exercise: &Exercise) -> bool {
    files::read_text(&exercise.source).is_ok_and(|text| check::is_stub(exercise, &text))
}

/// What tells the session that something changed beside the exercise.
fn stirred(events: &Sender<Event>) -> impl Fn() + Send + use<> {
    let events = events.clone();
    move || drop(events.send(Event::Stirred))
}

/// A session of the watch mode.
pub(super) struct Session {
    course: Arc<Course>,
    state: State,
    /// When the work began that is under way.
    since: Instant,
    runner: Runner,
    saves: Saves,
    poll: bool,
    sender: Sender<Event>,
    events: Receiver<Event>,
    keys: Keys,
    terminal: Terminal,
    stop: Stop,
}

impl Session {
    /// Takes the terminal and begins with an exercise.
    pub(super) fn begin(
        course: &Course,
        exercise: &Exercise,
        poll: bool,
        stop: &Stop,
    ) -> Result<Session> {
        let course = Arc::new(Course::around(&course.root)?);
        // What is damaged is said before the screen is another.
        let progress = Progress::read(&course)?;
        let (sender, events) = mpsc::channel();
        let colour = Paint::for_stdout().colour;
        let terminal = Terminal::take().context("the terminal cannot be used")?;
        let mut session = Session {
            state: State {
                map: Map::of(&course, &progress),
                exercise: exercise.clone(),
                file: String::new(),
                untouched: true,
                verdict: None,
                word: String::new(),
                hint: None,
                work: Work::Nothing,
                readiness: Readiness::Warming(Crates::default()),
                page: Page::Verdict,
                scroll: 0,
                sideways: 0,
                note: None,
                book: None,
                question: None,
                size: terminal.size()?,
                colour,
            },
            since: Instant::now(),
            runner: Runner::new(Arc::clone(&course), sender.clone(), colour),
            saves: Saves::of(&exercise.source, poll, stirred(&sender)),
            keys: Keys::listen(sender.clone()),
            course,
            poll,
            sender,
            events,
            terminal,
            stop: stop.clone(),
        };
        session.open(exercise.clone())?;
        Ok(session)
    }

    /// Runs until the learner leaves.
    pub(super) fn run(mut self) -> Result<()> {
        let ended = self.go_on();
        // After an error, too, no process is left behind.
        self.runner.end();
        ended
    }

    fn go_on(&mut self) -> Result<()> {
        self.draw()?;
        while !self.stop.asked() && !terminal::is_lost() {
            let wait = self.saves.due_in().min(TICK);
            let mut is_new = false;
            match self.events.recv_timeout(wait) {
                Ok(event) => {
                    // All that has happened by now is one picture.
                    let events: Vec<Event> = std::iter::once(event)
                        .chain(self.events.try_iter())
                        .collect();
                    for event in events {
                        if self.react(event)? == Going::Away {
                            return Ok(());
                        }
                    }
                    is_new = true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            is_new |= self.look();
            is_new |= self.count_seconds();
            if is_new {
                self.draw()?;
            }
        }
        Ok(())
    }

    fn react(&mut self, event: Event) -> Result<Going> {
        match event {
            Event::Key(key) => match self.state.press(key) {
                Some(Wish::Quit) => return Ok(Going::Away),
                Some(wish) => {
                    if let Err(error) = self.grant(wish) {
                        self.state.note = Some(format!("{error:#}"));
                    }
                }
                None => {}
            },
            Event::Deserted => return Ok(Going::Away),
            Event::Stirred => self.saves.stirred(),
            Event::Judged { run, verdict } => {
                // What came in the meantime is judged first: no verdict is shown that is about a version before.
                self.saves.hurry();
                self.look();
                if self.runner.is_newest(run) {
                    self.judged(*verdict);
                }
            }
            Event::Traced { run, traced } => {
                self.saves.hurry();
                self.look();
                if self.runner.is_newest(run) {
                    self.traced(*traced);
                }
            }
            Event::Compiled => {
                if let Readiness::Warming(crates) = &mut self.state.readiness {
                    crates.done += 1;
                }
            }
            Event::Counted(all) => {
                if let Readiness::Warming(crates) = &mut self.state.readiness {
                    crates.all = Some(all);
                }
            }
            Event::Warm => {
                self.state.readiness = Readiness::Ready;
                self.prepare_the_next_chapter();
            }
            Event::Prepared => self.state.readiness = Readiness::Ready,
            Event::BookSteps(done, all) => self.state.book = Some(Steps { done, all }),
            Event::Book(sentence) => {
                self.state.book = None;
                self.state.note = Some(sentence);
            }
            Event::Resized => {}
        }
        Ok(Going::On)
    }

    fn judged(&mut self, verdict: Result<Verdict>) {
        match verdict {
            Ok(verdict) => {
                self.state.judged(Box::new(verdict));
                self.prepare_the_next_chapter();
                if let Err(error) = self.refresh() {
                    self.state.note = Some(format!("{error:#}"));
                }
            }
            Err(error) if error.is::<Stopped>() => self.state.work = Work::Nothing,
            Err(error) => {
                self.state.work = Work::Nothing;
                // A verdict on an older version would pass for one on this.
                self.state.verdict = None;
                self.state.untouched = false;
                self.say_at_length("This could not be checked", &format!("{error:#}"));
            }
        }
    }

    /// Uses the time in which the learner reads and writes.
    fn prepare_the_next_chapter(&mut self) {
        let current = self.course.chapters.iter();
        let mut rest = current.skip_while(|it| it.folder != self.state.exercise.chapter);
        let Some(next) = rest.nth(1) else {
            return;
        };
        let (number, first) = (next.number, next.exercises.first().cloned());
        if first.is_some_and(|first| self.runner.prepare(&first)) {
            self.state.readiness = Readiness::Preparing(number);
        }
    }

    fn traced(&mut self, traced: Result<Traced>) {
        self.state.work = Work::Nothing;
        self.state.readiness = Readiness::Ready;
        match traced {
            Ok(traced) => self.state.show(Page::Trace(Box::new(traced))),
            Err(error) => self.state.note = Some(format!("{error:#}")),
        }
    }

    /// Reads the file for something new, if that is due, and says whether anything changed.
    fn look(&mut self) -> bool {
        let was = self.state.work;
        match self.saves.look(&self.state.exercise.source) {
            Look::New => self.judge(),
            Look::Gone => {
                self.runner.stop();
                self.miss_the_text();
            }
            Look::Same if matches!(was, Work::NoText(_)) => self.judge(),
            Look::Same | Look::NotDue => {}
        }
        self.state.work != was
    }

    /// Says why there is nothing to judge, and what to do about it.
    fn miss_the_text(&mut self) {
        let lacks = match std::fs::metadata(&self.state.exercise.source) {
            Err(_) => Lacks::File,
            Ok(file) if file.len() == 0 => Lacks::Content,
            Ok(_) if std::fs::read(&self.state.exercise.source).is_err() => Lacks::Permission,
            Ok(_) => Lacks::Encoding,
        };
        if self.state.work != Work::NoText(lacks) {
            self.state.work = Work::NoText(lacks);
            self.state.untouched = false;
            // The first page of an exercise says it itself.
            self.state.note =
                (!self.state.shows_the_start()).then(|| view::sentence_about(lacks, &self.state));
        }
    }

    /// Says how long a check has been under way, once that is worth a word, and says whether that changed.
    fn count_seconds(&mut self) -> bool {
        let was = self.state.work;
        let seconds = self.since.elapsed().as_secs();
        if matches!(was, Work::Checking(_)) && seconds > 0 {
            self.state.work = Work::Checking(Some(seconds));
        }
        self.state.work != was
    }

    /// Has the file judged as it is now.
    fn judge(&mut self) {
        self.since = Instant::now();
        if matches!(self.state.readiness, Readiness::Preparing(_)) {
            self.state.readiness = Readiness::Ready;
        }
        self.state.work = Work::Checking(None);
        self.state.untouched = is_untouched(&self.state.exercise);
        self.runner.judge(&self.state.exercise);
    }

    /// Shows an exercise. One that was begun is judged at once, and so is an untouched debugging exercise, which has a run to show; for
    /// another untouched one what the checks need is compiled.
    fn open(&mut self, exercise: Exercise) -> Result<()> {
        self.runner.stop();
        self.saves = Saves::of(&exercise.source, self.poll, stirred(&self.sender));
        let untouched = is_untouched(&exercise);
        let state = &mut self.state;
        state.file = self.course.shown(&exercise.source);
        state.exercise = exercise;
        state.untouched = untouched;
        state.verdict = None;
        state.work = Work::Nothing;
        state.question = None;
        state.show(Page::Verdict);
        state.readiness = Readiness::Warming(Crates::default());
        if untouched && state.exercise.kind != Kind::Debug {
            self.runner.warm_up(&state.exercise);
        } else {
            self.judge();
        }
        self.refresh()
    }

    /// Reads what is remembered.
    fn refresh(&mut self) -> Result<()> {
        let progress = Progress::read(&self.course)?;
        self.state.map = Map::of(&self.course, &progress);
        self.state.hint = hint::position(&self.state.exercise, &progress);
        self.state.word = next_step::word(&self.state.exercise, view::paint(&self.state));
        Ok(())
    }

    fn say_at_length(&mut self, title: &str, text: &str) {
        let width = view::paint(&self.state).width;
        self.state.show(Page::Text {
            title: title.to_owned(),
            text: crate::screen::paint::wrap(text, width),
        });
    }

    fn draw(&mut self) -> Result<()> {
        let size = self.terminal.size()?;
        if size != self.state.size {
            self.state.resized(size);
        }
        let state = &self.state;
        self.terminal.draw(|frame| view::draw(state, frame))?;
        Ok(())
    }
}
