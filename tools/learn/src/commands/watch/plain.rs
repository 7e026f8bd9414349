//! The watch mode for a terminal that can only add lines: verdicts one below the other, and no keys.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::Result;

use super::saves::{Look, Saves};
use super::status;
use crate::commands::check::announce_builds;
use crate::judging::check::{self, Options, Source};
use crate::judging::verdict::Kind;
use crate::judging::waiting;
use crate::learner::next_step;
use crate::learner::progress::Progress;
use crate::screen;
use crate::screen::paint::{Paint, wrap};
use crate::stop::{Stop, Stopped};
use course::course::{Course, Exercise, Kind as ExerciseKind};
use course::files;

/// How often the loop checks for a stop request.
const TICK: Duration = Duration::from_millis(100);

/// Whether the terminal says of itself that it can do no more than add lines.
pub(super) fn is_all_there_is() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    cfg!(unix) && (term.is_empty() || term == "dumb")
}

/// Checks at each save until Ctrl-C.
pub(super) fn run(course: &Course, exercise: &Exercise, poll: bool, stop: &Stop) -> Result<()> {
    let paint = Paint {
        colour: false,
        ..Paint::for_stdout()
    };
    let progress = Progress::read(course)?;
    print!("{}", status::text(course, &progress, Some(exercise), paint));
    let reason = if is_all_there_is() {
        "This terminal has no full screen (TERM)"
    } else {
        "The full screen is not built"
    };
    let sentence = format!(
        "{reason}, so each verdict comes below the one before. Save the file and it is checked; Ctrl-C ends it."
    );
    println!("\n{}\n", wrap(&sentence, paint.width));
    let (sender, events) = mpsc::channel();
    let mut saves = Saves::of(&exercise.source, poll, move || {
        let _ = sender.send(());
    });
    let text = files::read_text(&exercise.source);
    let untouched = text.is_ok_and(|text| check::is_stub(exercise, &text));
    if !untouched || exercise.kind == ExerciseKind::Debug {
        judge(course, exercise, paint, stop)?;
    }
    while !stop.asked() {
        match events.recv_timeout(saves.due_in().min(TICK)) {
            Ok(()) => saves.stirred(),
            Err(RecvTimeoutError::Timeout) => {}
            // Nothing is reported where files are only looked at.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(TICK),
        }
        if saves.look(&exercise.source) == Look::New {
            judge(course, exercise, paint, stop)?;
        }
    }
    Ok(())
}

fn judge(course: &Course, exercise: &Exercise, paint: Paint, stop: &Stop) -> Result<()> {
    waiting::tell_on_standard_error();
    let options = Options {
        stop: stop.clone(),
        on_crate: announce_builds(),
        ..Options::default()
    };
    let verdict = match check::judge(course, exercise, &Source::Own, &options) {
        Ok(verdict) => verdict,
        Err(error) if error.is::<Stopped>() => return Ok(()),
        Err(error) => {
            println!("{error:#}\n");
            return Ok(());
        }
    };
    if verdict.kind == Kind::Passed {
        Progress::update(course, |progress| progress.passed(&exercise.id))?;
    }
    let file = course.shown(&exercise.source);
    println!(
        "{}{}",
        screen::verdict::draw(exercise, &file, &verdict, paint),
        next_step::after(course, exercise, &verdict, paint)
    );
    Ok(())
}
