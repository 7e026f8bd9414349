//! What the session knows, and what a key changes in it. Nothing here touches a file, a clock or a terminal.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ratatui_core::layout::Size;

use super::keys::Key;
use super::list::{List, Outcome};
use super::map::Map;
use super::view;
use crate::judging::traces::Traced;
use crate::judging::verdict::{Kind, Verdict};
use crate::learner::progress;
use course::course::Exercise;

/// Everything that the screen is drawn from.
pub(super) struct State {
    pub(super) map: Map,
    pub(super) exercise: Exercise,
    /// The exercise's file, as it is shown.
    pub(super) file: String,
    /// Whether the file is the stub.
    pub(super) untouched: bool,
    /// The newest verdict.
    pub(super) verdict: Option<Box<Verdict>>,
    /// The exercise's own word after success.
    pub(super) word: String,
    /// Which hint comes next: `1 of 3`.
    pub(super) hint: Option<String>,
    pub(super) work: Work,
    pub(super) readiness: Readiness,
    pub(super) page: Page,
    /// How many lines of the page are above the screen.
    pub(super) scroll: usize,
    /// How many columns of its drawings are left of the screen.
    pub(super) sideways: usize,
    pub(super) note: Option<String>,
    /// Whether the book is being built, and how many of its steps are done.
    pub(super) book: Option<Steps>,
    pub(super) question: Option<Question>,
    pub(super) size: Size,
    pub(super) colour: bool,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Nothing: the verdict is about the file as it is.
    Nothing,
    /// A check, with its seconds so far, if it takes long enough to say so: the verdict, if there is one, is about the version before.
    Checking(Option<u64>),
    /// The code is run to be drawn. The verdict stays what it is.
    Drawing,
    /// The file cannot be judged as it is: the verdict is about the version before.
    NoText(Lacks),
}

/// Why the exercise's file cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lacks {
    /// There is no such file.
    File,
    /// It is empty.
    Content,
    /// It is not UTF-8.
    Encoding,
    /// It is there, and the system does not let this program read it.
    Permission,
}

/// Whether what the checks depend on is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readiness {
    /// Not yet.
    Warming(Crates),
    /// It is.
    Ready,
    /// It is, and meanwhile cargo compiles what the chapter with this number needs.
    Preparing(u32),
}

/// How many crates are compiled, and how many there are, as far as that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Crates {
    pub(super) done: usize,
    pub(super) all: Option<usize>,
}

/// How many steps of a build are done, and how many there are: none before cargo has counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) done: usize,
    pub(super) all: usize,
}

/// What fills the screen.
pub(super) enum Page {
    /// The verdict; before there is one, where the learner is and what is to do.
    Verdict,
    /// A hint, an explanation, an answer.
    Text { title: String, text: String },
    /// A page of the book, in Markdown.
    Book {
        title: String,
        markdown: String,
        /// The folded answers that are open, counted from 0.
        open: BTreeSet<usize>,
    },
    /// The learner's file beside the reference answer.
    Comparison {
        /// The learner's.
        mine: String,
        /// The reference's.
        reference: String,
    },
    /// The picture of a run.
    Trace(Box<Traced>),
    /// Every exercise.
    List(List),
    /// Every key.
    Help,
}

/// A question that is asked before something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether the exercise is to be skipped.
    Skip,
    /// Whether the stub is to be written again.
    Reset,
    /// Whether the answer is to be shown, though the exercise is not solved.
    Solution,
}

/// What the session is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Quit,
    Suspend,
    Redraw,
    Check,
    Hint,
    Explain(String),
    Trace,
    Solution,
    Compare,
    Reset,
    Skip,
    Edit,
    ReadPage,
    OpenBook,
    Open(String),
}

impl State {
    /// How far the exercise is.
    pub(super) fn progress(&self) -> progress::State {
        self.map
            .place(&self.exercise.id)
            .map_or(progress::State::NotStarted, |place| place.state)
    }

    /// Whether the page shows where to begin: there is no verdict yet, or one that says no more than that.
    pub(super) fn shows_the_start(&self) -> bool {
        let verdict = self.verdict.as_deref();
        let has_a_word = verdict.is_some_and(|it| it.kind != Kind::NotStarted || it.test.is_some());
        matches!(self.page, Page::Verdict) && !has_a_word
    }

    /// Whether the verdict, if there is one, is about a version of the file that has been replaced.
    pub(super) fn is_outdated(&self) -> bool {
        matches!(self.work, Work::Checking(_) | Work::NoText(_))
    }

    /// Shows a page from its beginning.
    pub(super) fn show(&mut self, page: Page) {
        self.page = page;
        self.scroll = 0;
        self.sideways = 0;
    }

    /// Takes in a new verdict. It replaces every page about the version before; a list that is being searched stays.
    pub(super) fn judged(&mut self, verdict: Box<Verdict>) {
        self.work = Work::Nothing;
        self.readiness = Readiness::Ready;
        self.untouched = verdict.kind == Kind::NotStarted;
        self.verdict = Some(verdict);
        self.note = None;
        if matches!(self.page, Page::List(_) | Page::Help) {
            self.note = Some("The check is done: Esc shows its verdict.".to_owned());
        } else {
            self.show(Page::Verdict);
        }
    }

    /// The terminal has another size.
    pub(super) fn resized(&mut self, size: Size) {
        self.size = size;
        self.scroll = self.scroll.min(view::furthest(self));
        self.sideways = self.sideways.min(view::furthest_sideways(self));
    }

    /// What a key changes here, and what it asks of the session.
    pub(super) fn press(&mut self, key: Key) -> Option<Wish> {
        match key {
            Key::Interrupt => return Some(Wish::Quit),
            Key::Suspend => return Some(Wish::Suspend),
            Key::Redraw => return Some(Wish::Redraw),
            // A question that does not fit on the screen cannot be answered.
            _ if view::is_too_small(self.size) => {
                return (key == Key::Char('q')).then_some(Wish::Quit);
            }
            _ => {}
        }
        self.note = None;
        if let Some(question) = self.question.take() {
            return (key == Key::Char('y')).then(|| question.wish());
        }
        let screenful = view::body_height(self);
        if let Page::List(list) = &mut self.page {
            match list.press(key, &self.map, screenful) {
                Outcome::Stays => {}
                Outcome::Leaves => self.show(Page::Verdict),
                Outcome::Opens(id) => return Some(Wish::Open(id)),
            }
            return None;
        }
        self.scroll(key, screenful);
        self.command(key)
    }

    fn scroll(&mut self, key: Key, screenful: usize) {
        let step = screenful.saturating_sub(1).max(1);
        let to = match key {
            Key::Up => self.scroll.saturating_sub(1),
            Key::Down => self.scroll + 1,
            Key::PageUp => self.scroll.saturating_sub(step),
            Key::PageDown | Key::Char(' ') => self.scroll + step,
            Key::Home => 0,
            Key::End => usize::MAX,
            _ => return,
        };
        self.scroll = to.min(view::furthest(self));
    }

    fn command(&mut self, key: Key) -> Option<Wish> {
        match key {
            Key::Left => self.leaf(self.map.before(&self.exercise.id).map(|at| at.id.clone())),
            Key::Right => self.leaf(self.map.after(&self.exercise.id).map(|at| at.id.clone())),
            Key::Enter | Key::Escape => {
                self.show(Page::Verdict);
                None
            }
            Key::Char('n') => self.next(),
            Key::Char('p') => self.leaf(self.map.before(&self.exercise.id).map(|at| at.id.clone())),
            Key::Char('h') => Some(Wish::Hint),
            Key::Char('x') => self.explain(),
            Key::Char('t') => self.trace(),
            Key::Char('s') => self.solution(),
            Key::Char('c') => self.compare(),
            Key::Char('a') => self.open_an_answer(),
            Key::Char('<') => self.move_sideways(|at, step| at.saturating_sub(step)),
            Key::Char('>') => self.move_sideways(|at, step| at + step),
            Key::Char('k') => self.skip(),
            Key::Char('z') => self.reset(),
            Key::Char('e') => Some(Wish::Edit),
            Key::Char('b') => Some(Wish::ReadPage),
            Key::Char('B') => Some(Wish::OpenBook),
            Key::Char('r') => Some(Wish::Check),
            Key::Char('l' | '/') => {
                self.show(Page::List(List::at(&self.map, &self.exercise.id)));
                None
            }
            Key::Char('?') => {
                self.show(Page::Help);
                None
            }
            Key::Char('q') => Some(Wish::Quit),
            _ => None,
        }
    }

    fn say(&mut self, note: &str) -> Option<Wish> {
        self.note = Some(note.to_owned());
        None
    }

    fn ask(&mut self, question: Question) -> Option<Wish> {
        self.question = Some(question);
        None
    }

    fn leaf(&mut self, to: Option<String>) -> Option<Wish> {
        match to {
            Some(id) => Some(Wish::Open(id)),
            None => self.say("There is no exercise on that side: the course ends here."),
        }
    }

    fn next(&mut self) -> Option<Wish> {
        let here = self.map.place(&self.exercise.id);
        if !here.is_some_and(super::map::Place::is_done) {
            return self.say(
                "This one is not solved yet. → looks at the one after it, and k skips this one.",
            );
        }
        match self.map.to_do_after(&self.exercise.id) {
            Some(next) => Some(Wish::Open(next.id.clone())),
            None => self.say("Everything is solved or skipped. l lists it all."),
        }
    }

    fn explain(&mut self) -> Option<Wish> {
        match self
            .verdict
            .as_ref()
            .and_then(|verdict| verdict.mistake.clone())
        {
            Some(code) => Some(Wish::Explain(code)),
            None if self.verdict.is_none() => {
                self.say("There is no verdict yet: x explains the mistake that a verdict names.")
            }
            None => self.say("The newest verdict names no mistake that could be explained."),
        }
    }

    fn trace(&mut self) -> Option<Wish> {
        if self.untouched && self.verdict.as_ref().is_none_or(|it| it.seen.is_none()) {
            return self.say("There is no run to draw yet: the file is as it came.");
        }
        Some(Wish::Trace)
    }

    fn solution(&mut self) -> Option<Wish> {
        if self.progress() == progress::State::Solved {
            return Some(Wish::Solution);
        }
        self.ask(Question::Solution)
    }

    /// The comparison shows the reference answer, so it waits until the exercise is solved.
    fn compare(&mut self) -> Option<Wish> {
        if self.progress() == progress::State::Solved {
            return Some(Wish::Compare);
        }
        self.say("c compares your file with the reference answer once this exercise is solved.")
    }

    /// Opens the first closed answer on the screen; where all are open, closes the first.
    fn open_an_answer(&mut self) -> Option<Wish> {
        let on_screen = view::folds_on_screen(self);
        let Page::Book { open, .. } = &mut self.page else {
            return self.say("a opens the answers of a page of the book: b shows the page.");
        };
        let closed = on_screen.iter().find(|fold| !open.contains(fold));
        match closed.or(on_screen.first()) {
            Some(fold) if open.contains(fold) => {
                open.remove(fold);
                None
            }
            Some(fold) => {
                open.insert(*fold);
                None
            }
            None => self.say("There is no folded answer on this part of the page."),
        }
    }

    fn move_sideways(&mut self, to: fn(usize, usize) -> usize) -> Option<Wish> {
        const STEP: usize = 8;
        let furthest = view::furthest_sideways(self);
        if furthest == 0 {
            return self.say("Everything on this page fits in the width.");
        }
        self.sideways = to(self.sideways, STEP).min(furthest);
        None
    }

    fn skip(&mut self) -> Option<Wish> {
        match self.progress() {
            progress::State::Solved => self.say("This one is solved: n goes on."),
            progress::State::Skipped => self.say("This one is skipped already: n goes on."),
            _ => self.ask(Question::Skip),
        }
    }

    fn reset(&mut self) -> Option<Wish> {
        if self.untouched {
            return self.say("The file is as it came: there is nothing to undo.");
        }
        self.ask(Question::Reset)
    }
}

impl Question {
    fn wish(self) -> Wish {
        match self {
            Question::Skip => Wish::Skip,
            Question::Reset => Wish::Reset,
            Question::Solution => Wish::Solution,
        }
    }
}
