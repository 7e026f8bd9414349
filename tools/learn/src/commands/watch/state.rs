//! What the session knows, and what a key changes in it. Nothing here touches a file, a clock or a terminal.

#[cfg(test)]
mod tests;

use ratatui_core::layout::Size;

use super::keys::Key;
use super::list::{List, Outcome};
use super::map::Map;
use super::view;
use crate::course::Exercise;
use crate::judging::traces::Traced;
use crate::judging::verdict::{Kind, Verdict};
use crate::learner::progress;

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
    pub(super) note: Option<String>,
    pub(super) question: Option<Question>,
    pub(super) size: Size,
    pub(super) colour: bool,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Nothing: the verdict is about the file as it is.
    Nothing,
    /// A check, for so many seconds, if it takes long enough to say so: the verdict, if there is one, is about the version before.
    Checking(Option<u64>),
    /// The code is run to be drawn. The verdict stays what it is.
    Drawing,
    /// The file is not there, or empty: the verdict is about the version before.
    FileIsGone,
}

/// Whether what the checks depend on is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readiness {
    /// Not yet; so many crates are.
    Warming(usize),
    /// It is.
    Ready,
    /// It is, and meanwhile cargo compiles what the chapter with this number needs.
    Preparing(u32),
}

/// What fills the screen.
pub(super) enum Page {
    /// The verdict; before there is one, where the learner is and what is to do.
    Verdict,
    /// A hint, an explanation, an answer, a page of the book.
    Text {
        title: String,
        text: String,
        /// Of a page of the book, which a browser shows as well.
        is_of_the_book: bool,
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

    /// Whether the verdict, if there is one, is about a version of the file that has been replaced.
    pub(super) fn is_outdated(&self) -> bool {
        matches!(self.work, Work::Checking(_) | Work::FileIsGone)
    }

    /// Shows a page from its beginning.
    pub(super) fn show(&mut self, page: Page) {
        self.page = page;
        self.scroll = 0;
    }

    /// Takes in a new verdict. It takes the place of whatever was about the version before; a list that is being searched stays.
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
    }

    /// What a key changes here, and what it asks of the session.
    pub(super) fn press(&mut self, key: Key) -> Option<Wish> {
        match key {
            Key::Interrupt => return Some(Wish::Quit),
            Key::Suspend => return Some(Wish::Suspend),
            Key::Redraw => return Some(Wish::Redraw),
            // Nobody answers a question that does not fit on the screen.
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
