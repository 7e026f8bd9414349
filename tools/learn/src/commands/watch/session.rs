//! A session of the watch mode: events in, screens out.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::event::Event;
use super::keys::{Key, Keys};
use super::runner::Runner;
use super::saves::Saves;
use super::screen::{HELP, Scene};
use super::terminal::Terminal;
use crate::check;
use crate::commands::{book, explain, hint, list, skip, solution};
use crate::course::{Course, Exercise, Kind};
use crate::files;
use crate::progress::{Progress, State};
use crate::screen::paint::Paint;
use crate::stop::{Stop, Stopped};
use crate::verdict::Verdict;

/// How often the session looks up, whatever happens.
const TICK: Duration = Duration::from_millis(100);

/// A check that takes longer than this says that it is under way. A shorter one would only flicker.
const PATIENCE: Duration = Duration::from_millis(300);

/// What stands on the screen.
pub(super) enum Showing {
    /// Where the learner is, and what is to do.
    Start,
    /// The newest verdict.
    Verdict(Box<Verdict>),
    /// A hint, an explanation, a list.
    Text(String),
}

/// Whether what the checks depend on is compiled.
pub(super) enum Readiness {
    /// Not yet; so many crates are.
    Warming(usize),
    /// It is.
    Ready,
}

/// A session of the watch mode.
pub(super) struct Session {
    course: Arc<Course>,
    exercise: Exercise,
    progress: Progress,
    verdict: Option<Box<Verdict>>,
    showing: Showing,
    readiness: Readiness,
    note: Option<String>,
    /// The exercise whose answer was asked for once, unsolved.
    wants_solution: bool,
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
        let (sender, events) = mpsc::channel();
        let terminal = Terminal::take().context("the terminal cannot be used")?;
        let mut session = Session {
            runner: Runner::new(
                Arc::clone(&course),
                sender.clone(),
                Paint::for_stdout().colour,
            ),
            saves: Saves::of(&exercise.source, poll, sender.clone()),
            keys: Keys::listen(sender.clone()),
            progress: Progress::read(&course)?,
            exercise: exercise.clone(),
            verdict: None,
            showing: Showing::Start,
            readiness: Readiness::Warming(0),
            note: None,
            wants_solution: false,
            course,
            poll,
            sender,
            events,
            terminal,
            stop: stop.clone(),
        };
        session.open(exercise.clone());
        Ok(session)
    }

    /// Runs until somebody leaves.
    pub(super) fn run(mut self) -> Result<()> {
        self.draw()?;
        let mut said_checking = false;
        while !self.stop.asked() {
            let wait = self.saves.due_in().min(TICK);
            match self.events.recv_timeout(wait) {
                Ok(Event::Key(Key::Quit)) => break,
                Ok(Event::Stirred) => self.saves.stirred(),
                Ok(event) => {
                    self.react(event)?;
                    self.draw()?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.saves.is_new(&self.exercise.source) {
                self.runner.judge(&self.exercise);
                said_checking = false;
            }
            let late = self
                .runner
                .since()
                .is_some_and(|since| since.elapsed() > PATIENCE);
            if late && !said_checking {
                self.draw()?;
            }
            said_checking = late;
        }
        self.leave()
    }

    fn react(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Key(key) => {
                self.note = None;
                if let Err(error) = self.press(key) {
                    self.note = Some(format!("{error:#}"));
                }
            }
            Event::Judged { run, verdict } if self.runner.is_newest(run) => {
                self.judged(*verdict)?
            }
            Event::Compiled => {
                if let Readiness::Warming(crates) = &mut self.readiness {
                    *crates += 1;
                }
            }
            Event::Warm => self.readiness = Readiness::Ready,
            Event::Note(note) => self.note = Some(note),
            Event::Judged { .. } | Event::Resized | Event::Stirred => {}
        }
        Ok(())
    }

    fn judged(&mut self, verdict: Result<Verdict>) -> Result<()> {
        self.note = None;
        match verdict {
            Ok(verdict) => {
                self.readiness = Readiness::Ready;
                self.progress = Progress::read(&self.course)?;
                let verdict = Box::new(verdict);
                self.verdict = Some(verdict.clone());
                self.showing = Showing::Verdict(verdict);
            }
            Err(error) if error.is::<Stopped>() => {}
            Err(error) => self.note = Some(format!("{error:#}")),
        }
        Ok(())
    }

    fn press(&mut self, key: Key) -> Result<()> {
        let wanted_solution = std::mem::take(&mut self.wants_solution);
        match key {
            Key::Next => self.next()?,
            Key::Hint => {
                let text = hint::next(&self.course, &self.exercise, self.paint())?;
                self.progress = Progress::read(&self.course)?;
                self.showing = Showing::Text(text);
            }
            Key::Explain => match self
                .verdict
                .as_ref()
                .and_then(|verdict| verdict.mistake.as_ref())
            {
                Some(code) => {
                    self.showing = Showing::Text(explain::text(&self.course, code, self.paint())?)
                }
                None => {
                    self.note = Some(
                        "The newest verdict names no mistake that could be explained.".to_owned(),
                    )
                }
            },
            Key::List => {
                self.showing = Showing::Text(list::text(&self.course, &self.progress, self.paint()))
            }
            Key::Solution => self.solution(wanted_solution)?,
            Key::Skip => self.skip()?,
            Key::Editor => self.edit()?,
            Key::Book => self.open_book(),
            Key::Again => self.runner.judge(&self.exercise),
            Key::Help => self.showing = Showing::Text(HELP.to_owned()),
            Key::Back => {
                self.showing = self
                    .verdict
                    .clone()
                    .map_or(Showing::Start, Showing::Verdict)
            }
            Key::Quit => {}
        }
        Ok(())
    }

    /// Shows an exercise. One that was begun is judged at once, and so is an untouched hunt, which has a run to show; for
    /// another untouched one what the checks need is compiled.
    fn open(&mut self, exercise: Exercise) {
        self.runner.stop();
        self.saves = Saves::of(&exercise.source, self.poll, self.sender.clone());
        self.verdict = None;
        self.showing = Showing::Start;
        let untouched =
            files::read_text(&exercise.source).is_ok_and(|text| check::is_stub(&exercise, &text));
        if untouched && exercise.kind != Kind::Hunt {
            self.runner.warm_up(&exercise);
        } else {
            self.runner.judge(&exercise);
        }
        self.exercise = exercise;
    }

    fn next(&mut self) -> Result<()> {
        self.progress = Progress::read(&self.course)?;
        let done = matches!(
            self.progress.state(&self.exercise),
            State::Solved | State::Skipped
        );
        match self.progress.next(&self.course).cloned() {
            Some(next) if done => self.open(next),
            Some(_) => self.note = Some("This one is not solved yet. k skips it.".to_owned()),
            None => {
                self.note =
                    Some("That was the last one: everything is solved or skipped.".to_owned())
            }
        }
        Ok(())
    }

    fn skip(&mut self) -> Result<()> {
        if self.progress.state(&self.exercise) != State::Solved {
            self.progress = skip::skip(&self.course, &self.exercise)?;
        }
        self.next()
    }

    fn solution(&mut self, confirmed: bool) -> Result<()> {
        if confirmed || self.progress.state(&self.exercise) == State::Solved {
            self.showing = Showing::Text(solution::text(&self.course, &self.exercise)?);
        } else {
            self.wants_solution = true;
            self.note = Some(
                "You have not solved this one yet. Press s again to see the answer all the same."
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Opens the exercise in the learner's editor, which may need the terminal.
    fn edit(&mut self) -> Result<()> {
        let in_vscode = std::env::var("TERM_PROGRAM").is_ok_and(|program| program == "vscode");
        let named = ["VISUAL", "EDITOR"]
            .iter()
            .find_map(|name| std::env::var(name).ok());
        let Some(editor) = named.or_else(|| in_vscode.then(|| "code".to_owned())) else {
            self.note = Some(format!(
                "Neither VISUAL nor EDITOR says which editor is yours. The file is {}.",
                self.course.shown(&self.exercise.source)
            ));
            return Ok(());
        };
        let mut words = editor.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("vi"));
        command
            .args(words)
            .arg(&self.exercise.source)
            .current_dir(&self.course.root);
        let paused = self.keys.pause();
        let mut ended = Ok(());
        self.terminal.lend(|| ended = command.status().map(drop))?;
        drop(paused);
        ended.with_context(|| format!("the editor `{editor}` cannot be started"))
    }

    fn open_book(&mut self) {
        if !book::is_there(&self.course) {
            self.note = Some("There is no book here.".to_owned());
            return;
        }
        self.note = Some(
            "Building the book, which then opens in your browser. The first time takes a minute."
                .to_owned(),
        );
        let mut command = book::builder(&self.course, "--open");
        let events = self.sender.clone();
        thread::spawn(move || {
            let note = match command.stdin(Stdio::null()).output() {
                Ok(output) => {
                    let said = if output.status.success() {
                        output.stdout
                    } else {
                        output.stderr
                    };
                    let said = String::from_utf8_lossy(&said).trim().to_owned();
                    said.lines()
                        .last()
                        .unwrap_or("The book is open.")
                        .to_owned()
                }
                Err(error) => format!("cargo cannot be started: {error}."),
            };
            let _ = events.send(Event::Note(note));
        });
    }

    fn paint(&self) -> Paint {
        Paint::for_stdout()
    }

    fn draw(&self) -> Result<()> {
        let now = Instant::now();
        let scene = Scene {
            course: &self.course,
            exercise: &self.exercise,
            progress: &self.progress,
            showing: &self.showing,
            readiness: &self.readiness,
            note: self.note.as_deref(),
            checking: self
                .runner
                .since()
                .map(|since| now - since)
                .filter(|time| *time > PATIENCE),
            paint: self.paint(),
        };
        self.terminal.show(&scene.draw())?;
        Ok(())
    }

    /// Stops what runs, and gives the terminal back.
    fn leave(mut self) -> Result<()> {
        self.runner.end();
        self.terminal.show("")?;
        Ok(())
    }
}
