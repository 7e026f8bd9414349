//! `cargo learn update`: the newest version of the course, in a tree that is half solved.
//!
//! Whose file wins? In every exercise that was begun, the learner's. All else is the course's, merged by git as always.
//!
//! ```text
//!   copy what was begun to .learn/kept, and note it in a journal
//!        │
//!   put the committed files in its place, so that git has nothing to object to
//!        │
//!   merge ── a conflict outside of the exercises ──▶ undo the merge ─┐
//!        │                                                           │
//!   put the learner's files back  ◀───────────────────────────────────┘
//!        │
//!   say which stubs, checks and names have changed under them
//! ```
//!
//! If this is interrupted anywhere, the journal is still there, and the next `cargo learn` puts the files back.

mod journal;
mod renamed;

use anyhow::{Result, bail};

use crate::judging::check;
use crate::learner::git;
use crate::learner::keep;
use course::course::{Course, Exercise};
use course::files;
use course::stub;
use course::sums;
use journal::Journal;

pub use journal::finish_interrupted;

/// An exercise that was begun: the learner's file, and what the course had there when it was.
struct Begun {
    exercise: Exercise,
    text: String,
    stub: Option<String>,
    sums: String,
}

/// Gets the newest version.
///
/// # Errors
///
/// If there is no git checkout with a remote branch, the remote cannot be reached, or git finds a conflict in files that are
/// not exercises. The learner's files are then as they were.
pub fn run(course: &Course) -> Result<()> {
    let upstream = upstream(course)?;
    git::tell(course, &["fetch", "--quiet"])?;
    if git::tell(
        course,
        &["rev-list", "--count", &format!("HEAD..{upstream}")],
    )? == "0"
    {
        println!("You have the newest version of the course.");
        return Ok(());
    }
    let before = git::tell(course, &["rev-parse", "HEAD"])?;
    let begun = begun(course)?;
    let journal = Journal::write(
        course,
        begun.iter().map(|one| (&one.exercise.source, &one.text)),
    )?;
    let merged = clear_the_way(course).and_then(|()| merge(course, &upstream));
    journal.put_back(course)?;
    merged?;
    report(course, &before, &begun)
}

/// The branch to update from.
fn upstream(course: &Course) -> Result<String> {
    if !git::ask(course, &["rev-parse", "--git-dir"])?.succeeded {
        bail!(
            "{} is not a git checkout, so there is nothing to update it from.",
            course.root.display()
        );
    }
    if git::ask(course, &["rev-parse", "-q", "--verify", "MERGE_HEAD"])?.succeeded {
        bail!(
            "A merge is under way: finish it with `git commit`, or undo it with `git merge --abort`."
        );
    }
    let upstream = git::ask(course, &["rev-parse", "--abbrev-ref", "@{upstream}"])?;
    if !upstream.succeeded {
        bail!(
            "This branch follows no other: `git branch --set-upstream-to=origin/main` tells git where updates come from."
        );
    }
    Ok(upstream.text)
}

/// The exercises whose files are not their stubs, each kept aside.
fn begun(course: &Course) -> Result<Vec<Begun>> {
    let mut begun = Vec::new();
    for exercise in course.exercises() {
        let Ok(text) = files::read_text(&exercise.source) else {
            continue;
        };
        if check::is_stub(exercise, &text) {
            continue;
        }
        keep::aside(course, &exercise.source, &text)?;
        begun.push(Begun {
            exercise: exercise.clone(),
            text,
            stub: stub_of(exercise),
            sums: sums_of(exercise),
        });
    }
    Ok(begun)
}

/// Puts the committed version in the place of each exercise's file that differs from it.
fn clear_the_way(course: &Course) -> Result<()> {
    for exercise in course.exercises() {
        let path = course.shown(&exercise.source);
        let committed = git::ask(course, &["ls-tree", "--name-only", "HEAD", "--", &path])?;
        let differs = !git::ask(course, &["diff", "--quiet", "HEAD", "--", &path])?.succeeded;
        if !committed.text.is_empty() && differs {
            git::tell(course, &["checkout", "--quiet", "HEAD", "--", &path])?;
        }
    }
    Ok(())
}

fn merge(course: &Course, upstream: &str) -> Result<()> {
    if git::ask(course, &["merge-base", "--is-ancestor", "HEAD", upstream])?.succeeded {
        let forward = git::ask(course, &["merge", "--quiet", "--ff-only", upstream])?;
        return if forward.succeeded {
            Ok(())
        } else {
            refuse(&forward.complaint)
        };
    }
    merge_commits(course, upstream)
}

/// Where the learner has commits of their own: in an exercise that they committed, their version wins.
fn merge_commits(course: &Course, upstream: &str) -> Result<()> {
    let base = git::tell(course, &["merge-base", "HEAD", upstream])?;
    let merged = git::ask(
        course,
        &["merge", "--quiet", "--no-commit", "--no-ff", upstream],
    )?;
    if !git::ask(course, &["rev-parse", "-q", "--verify", "MERGE_HEAD"])?.succeeded {
        return refuse(&merged.complaint);
    }
    for exercise in course.exercises() {
        let path = course.shown(&exercise.source);
        let theirs = git::ask(course, &["diff", "--quiet", &base, "HEAD", "--", &path])?;
        if !theirs.succeeded {
            git::tell(course, &["checkout", "--quiet", "HEAD", "--", &path])?;
            git::tell(course, &["add", "--", &path])?;
        }
    }
    let conflicts = git::tell(course, &["diff", "--name-only", "--diff-filter=U"])?;
    if !conflicts.is_empty() {
        git::tell(course, &["merge", "--abort"])?;
        bail!(
            "The course and you have changed the same lines of {}, so nothing was updated. `git pull` lets you merge them by hand.",
            conflicts.lines().collect::<Vec<_>>().join(", ")
        );
    }
    git::tell(
        course,
        &[
            "commit",
            "--quiet",
            "--no-verify",
            "--no-gpg-sign",
            "-m",
            "Merge the newest version of the course",
        ],
    )
    .map(drop)
}

/// Git does not touch files that were changed by hand; it lists them, indented.
fn refuse(complaint: &str) -> Result<()> {
    let files: Vec<&str> = complaint
        .lines()
        .filter_map(|line| line.strip_prefix('\t'))
        .collect();
    if files.is_empty() {
        bail!(
            "git could not merge: {}",
            complaint.lines().next().unwrap_or("it did not say why")
        );
    }
    bail!(
        "You have changed {}, and so has the course, so nothing was updated. Commit your changes (`git commit -a`), or take them \
         back (`git checkout -- FILE`), and update again.",
        files.join(", ")
    )
}

/// What has changed under the learner's files.
fn report(course: &Course, before: &str, begun: &[Begun]) -> Result<()> {
    let course = Course::around(&course.root)?;
    let commits = git::tell(
        &course,
        &["rev-list", "--count", &format!("{before}..HEAD")],
    )?;
    println!(
        "The course is up to date, {commits} commits newer. What you wrote is as you left it."
    );
    let mut judged_anew = Vec::new();
    for one in begun {
        let now = course
            .exercises()
            .find(|exercise| exercise.source == one.exercise.source);
        let Some(now) = now else {
            println!(
                "{} is no longer in the course. Your file is still there.",
                course.shown(&one.exercise.source)
            );
            continue;
        };
        if stub_of(now) != one.stub {
            println!(
                "{} {}: the stub has changed, your file has not. `git diff {:.10} HEAD -- {}` shows what is new in it.",
                now.number,
                now.name(),
                before,
                course.shown(&now.source)
            );
        }
        if sums_of(now) != one.sums {
            judged_anew.push(now.name().to_owned());
        }
    }
    say_renamed_names(&course, begun)?;
    if !judged_anew.is_empty() {
        println!(
            "Its checks have changed: `cargo learn check {}` judges your answers anew.",
            judged_anew.join(" ")
        );
    }
    Ok(())
}

/// Names each line of the learner's files that uses a public name which the course has changed.
fn say_renamed_names(course: &Course, begun: &[Begun]) -> Result<()> {
    let changes = files::read_if_there(&course.root.join(renamed::FILE))?.unwrap_or_default();
    for name in renamed::listed_in(&changes) {
        for one in begun {
            if let Some(line) = name.line_in(&one.text) {
                let file = course.shown(&one.exercise.source);
                println!(
                    "{file}:{line}: `{}` is now called `{}`.",
                    name.old, name.new
                );
            }
        }
    }
    Ok(())
}

fn stub_of(exercise: &Exercise) -> Option<String> {
    stub::derive(&files::read_text(&exercise.answer).ok()?).ok()
}

/// The sums of an exercise's check and snapshots.
fn sums_of(exercise: &Exercise) -> String {
    sums::listed(exercise)
}
