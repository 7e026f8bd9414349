//! What the watch mode shows.

use std::time::Duration;

use super::session::{Readiness, Showing};
use crate::commands::hint;
use crate::course::{Course, Exercise};
use crate::next_step;
use crate::progress::{Progress, State};
use crate::screen::overview;
use crate::screen::paint::{Ink, Paint, wrap};
use crate::screen::verdict as verdict_screen;
use crate::verdict::{Kind, Verdict};

/// Everything that the screen is drawn from.
pub(super) struct Scene<'a> {
    pub(super) course: &'a Course,
    pub(super) exercise: &'a Exercise,
    pub(super) progress: &'a Progress,
    pub(super) showing: &'a Showing,
    pub(super) readiness: &'a Readiness,
    pub(super) note: Option<&'a str>,
    /// For how long a check has been under way.
    pub(super) checking: Option<Duration>,
    pub(super) paint: Paint,
}

impl Scene<'_> {
    /// The whole screen.
    pub(super) fn draw(&self) -> String {
        let mut out = match self.showing {
            Showing::Start => self.start(),
            Showing::Verdict(verdict) => self.verdict(verdict),
            Showing::Text(text) => text.clone(),
        };
        if let Some(note) = self.note {
            out.push_str(&format!("\n{}\n", wrap(note, self.paint.width)));
        }
        out.push_str(&format!(
            "\n{}\n",
            self.paint.ink(Ink::Faint, &self.footer())
        ));
        out
    }

    fn start(&self) -> String {
        let Scene {
            course,
            exercise,
            paint,
            ..
        } = self;
        let title = format!(" {} {}", exercise.number, exercise.name());
        format!(
            "{}\n{}   {}\n {}\n{}\n",
            overview::draw(course, self.progress, *paint),
            paint.ink(Ink::Strong, &title),
            course.shown(&exercise.source),
            format_args!(
                "Not started yet. That is as it should be: open the file, {}, save.",
                exercise.kind.first_step()
            ),
            self.read_first()
        )
    }

    fn read_first(&self) -> String {
        let page = &self.exercise.page;
        format!(" Read first: book/pages/{page} (b opens the book)")
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        let not_started = verdict.kind == Kind::NotStarted;
        if not_started && verdict.promise.is_none() {
            return self.start();
        }
        let mut out = verdict_screen::draw(
            self.exercise,
            &self.course.shown(&self.exercise.source),
            verdict,
            self.paint,
        );
        // An untouched hunt, whose run is shown: it takes the place of the rest of the first screen.
        if not_started {
            let overview = overview::draw(self.course, self.progress, self.paint);
            return format!("{overview}\n{out}\n{}\n", self.read_first());
        }
        if verdict.kind == Kind::Passed {
            out.push('\n');
            out.push_str(&next_step::word(self.exercise, self.paint));
            out.push_str(&format!(
                "\n {}\n",
                overview::count(self.course, self.progress)
            ));
        }
        out
    }

    fn footer(&self) -> String {
        if let Some(time) = self.checking {
            return format!(" {}", self.waiting(time));
        }
        let mut keys = Vec::new();
        match self.showing {
            Showing::Text(_) => keys.push("Esc back".to_owned()),
            Showing::Start => {}
            Showing::Verdict(verdict) => keys.extend(self.keys_after(verdict)),
        }
        keys.extend(["e editor", "b book", "l list", "? keys", "q quit"].map(str::to_owned));
        let watching = match self.readiness {
            Readiness::Warming(0) => "watching · getting the checks ready".to_owned(),
            Readiness::Warming(crates) => format!(
                "watching · getting the checks ready, so that the first save is quick ({crates} crates)"
            ),
            Readiness::Ready => "watching".to_owned(),
        };
        format!(" {watching} · {}", keys.join(" · "))
    }

    fn keys_after(&self, verdict: &Verdict) -> Vec<String> {
        let solved = self.progress.state(self.exercise) == State::Solved;
        let mut keys = Vec::new();
        if solved {
            keys.push(match self.progress.next(self.course) {
                Some(next) => format!("n next: {} {}", next.number, next.name()),
                None => "that was the last one".to_owned(),
            });
            keys.push("s solution".to_owned());
            return keys;
        }
        if verdict.mistake.is_some() {
            keys.push("x explain".to_owned());
        }
        if let Some(position) = hint::position(self.exercise, self.progress) {
            keys.push(format!("h hint ({position})"));
        }
        keys
    }

    fn waiting(&self, time: Duration) -> String {
        match self.readiness {
            Readiness::Warming(crates) if *crates > 0 => {
                format!(
                    "checking · first what the checks depend on is compiled, once ({crates} crates)"
                )
            }
            _ => format!("checking · {} s", time.as_secs()),
        }
    }
}

/// All keys.
pub(super) const HELP: &str = "\
 n  on to the next exercise, once this one is solved
 h  the next hint for this exercise
 x  the mistake that was named, explained at length
 s  the reference answer
 k  skip: put this exercise off
 l  every exercise with its state
 e  open the exercise in your editor (VISUAL or EDITOR)
 b  build the book and open it
 r  check again
 q  quit (nothing is lost: what passed is already recorded)
";
