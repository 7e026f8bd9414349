//! Doing what a key asked for.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

use anyhow::{Context as _, Result};
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType};

use super::Session;
use crate::commands::watch::bar;
use crate::commands::watch::event::Event;
use crate::commands::watch::state::{Page, Steps, Wish, Work};
use crate::commands::watch::view;
use crate::commands::{book, explain, hint, reset, skip, solution};
use crate::learner::progress::Progress;
use crate::screen::page;
use course::files;

impl Session {
    pub(super) fn grant(&mut self, wish: Wish) -> Result<()> {
        match wish {
            Wish::Quit => Ok(()),
            Wish::Suspend => self.suspend(),
            Wish::Redraw => Ok(self.terminal.forget()?),
            Wish::Check => {
                self.judge();
                Ok(())
            }
            Wish::Hint => self.hint(),
            Wish::Explain(code) => self.explain(&code),
            Wish::Trace => {
                self.trace();
                Ok(())
            }
            Wish::Solution => self.solution(),
            Wish::Compare => self.compare(),
            Wish::Reset => self.reset(),
            Wish::Skip => self.skip(),
            Wish::Edit => self.edit(),
            Wish::ReadPage => self.read_page(),
            Wish::OpenBook => {
                self.open_book();
                Ok(())
            }
            Wish::Open(id) => self.open_by_id(&id),
        }
    }

    fn show(&mut self, title: String, text: String) {
        self.state.show(Page::Text { title, text });
    }

    fn hint(&mut self) -> Result<()> {
        let again = hint::is_over(&self.state.exercise, &Progress::read(&self.course)?);
        let text = hint::next(&self.course, &self.state.exercise, view::paint(&self.state))?;
        // Its first line is the title: `3.6 oneshot: hint 1 of 3`.
        let (title, text) = text.split_once("\n\n").unwrap_or(("Hint", &text));
        let title = title
            .rsplit_once(": h")
            .map_or("Hint".to_owned(), |(_, rest)| format!("H{rest}"));
        let title = title.trim_end_matches("\u{1b}[0m").to_owned();
        self.show(title, text.to_owned());
        if again {
            self.state.note =
                Some("That is the last hint again: there is no stronger one.".to_owned());
        }
        self.refresh()
    }

    fn explain(&mut self, code: &str) -> Result<()> {
        let exercise = Some(&self.state.exercise);
        let text = explain::text(&self.course, code, exercise, view::paint(&self.state))?;
        self.show("The mistake, explained".to_owned(), text);
        Ok(())
    }

    /// Runs the code to draw it. While it is being checked there is no need to: the check comes first.
    fn trace(&mut self) {
        if self.state.is_outdated() {
            self.state.note =
                Some("Your new version is being checked: t draws its run after that.".to_owned());
            return;
        }
        self.state.work = Work::Drawing;
        self.runner.trace(&self.state.exercise);
    }

    fn solution(&mut self) -> Result<()> {
        let text = solution::text(&self.course, &self.state.exercise)?;
        self.show("The reference answer".to_owned(), text);
        Ok(())
    }

    fn compare(&mut self) -> Result<()> {
        let exercise = &self.state.exercise;
        self.state.show(Page::Comparison {
            mine: files::normalise(&files::read_text(&exercise.source)?),
            reference: solution::program(exercise)?,
        });
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        self.runner.stop();
        let said = reset::reset(&self.course, &self.state.exercise)?;
        self.open(self.state.exercise.clone())?;
        self.state.note = Some(said);
        Ok(())
    }

    fn skip(&mut self) -> Result<()> {
        let skipped = self.state.exercise.clone();
        skip::skip(&self.course, &skipped)?;
        self.refresh()?;
        let next = self.state.map.to_do_after(&skipped.id);
        let next = next.map(|next| next.id.clone());
        let said = format!(
            "{} {} is skipped. ← takes you back to it, and so does the list.",
            skipped.number,
            skipped.name()
        );
        match next {
            Some(id) => {
                self.open_by_id(&id)?;
                self.state.note = Some(said);
            }
            None => {
                self.state.note = Some(format!("{said} Everything else is solved or skipped."));
            }
        }
        Ok(())
    }

    fn open_by_id(&mut self, id: &str) -> Result<()> {
        let found = self.course.exercises().find(|exercise| exercise.id == id);
        match found.cloned() {
            Some(exercise) => self.open(exercise),
            None => Ok(()),
        }
    }

    fn read_page(&mut self) -> Result<()> {
        let name = self.state.exercise.page.clone();
        let path = self.course.root.join("book/pages").join(&name);
        let markdown = page::read(&self.course, &path)?;
        self.state.show(Page::Book {
            title: format!("book/pages/{name}"),
            markdown,
            open: BTreeSet::new(),
        });
        Ok(())
    }

    /// Opens the exercise in the learner's editor, which may need the terminal.
    fn edit(&mut self) -> Result<()> {
        let in_vscode = std::env::var("TERM_PROGRAM").is_ok_and(|program| program == "vscode");
        let named = ["VISUAL", "EDITOR"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()));
        let Some(editor) = named.or_else(|| in_vscode.then(|| "code".to_owned())) else {
            self.state.note = Some(format!(
                "Neither VISUAL nor EDITOR says which editor is yours. Open the file in it yourself: {}",
                self.state.file
            ));
            return Ok(());
        };
        let mut words = editor.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("vi"));
        command
            .args(words)
            .arg(&self.state.exercise.source)
            .current_dir(&self.course.root);
        let paused = self.keys.pause();
        let ended = self.terminal.lend(|| {
            // An editor with a window of its own leaves this line to be seen.
            let mut out = std::io::stdout();
            let _ = write!(out, "\rcargo learn waits until `{editor}` is closed. ");
            let _ = out.flush();
            let status = command.status();
            let _ = execute!(out, Clear(ClearType::CurrentLine));
            let _ = write!(out, "\r");
            status
        })?;
        drop(paused);
        match ended {
            Ok(status) if status.success() => {}
            Ok(status) => {
                self.state.note = Some(format!("The editor `{editor}` ended with {status}."))
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("the editor `{editor}` cannot be started"));
            }
        }
        self.saves.hurry();
        Ok(())
    }

    /// Into the background, as Ctrl-Z does it everywhere; `fg` brings it back.
    #[cfg(unix)]
    fn suspend(&mut self) -> Result<()> {
        let paused = self.keys.pause();
        // The checks that run are in groups of their own, and go on.
        self.terminal.lend(|| {
            let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        })?;
        drop(paused);
        Ok(())
    }

    #[cfg(not(unix))]
    fn suspend(&mut self) -> Result<()> {
        self.state.note = Some("This system has no background to go to.".to_owned());
        Ok(())
    }

    fn open_book(&mut self) {
        if !book::is_there(&self.course) {
            self.state.note = Some("There is no book here.".to_owned());
            return;
        }
        if self.state.book.is_some() {
            return;
        }
        self.state.book = Some(Steps::default());
        let mut command = book::builder_with_progress(&self.course);
        command.arg(&self.state.exercise.page);
        let events = self.sender.clone();
        thread::spawn(move || {
            let said = build_and_open(command, &events);
            let sentence =
                said.unwrap_or_else(|error| format!("cargo cannot be started: {error}."));
            let _ = events.send(Event::Book(sentence));
        });
    }
}

/// Builds the book and opens it. Returns what the builder says: the file, and whether a browser could be started; or why there
/// is no book.
fn build_and_open(mut command: Command, events: &Sender<Event>) -> std::io::Result<String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let last = match child.stderr.take() {
        Some(stderr) => bar::follow(stderr, |done, all| {
            let _ = events.send(Event::BookSteps(done, all));
        })?,
        None => String::new(),
    };
    let output = child.wait_with_output()?;
    Ok(if output.status.success() {
        in_one_line(&output.stdout)
    } else {
        last
    })
}

fn in_one_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said).into_owned();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}
