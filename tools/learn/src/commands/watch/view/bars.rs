//! The lines above and below the page: its title, messages, the status, keys.

use ratatui_core::style::Modifier;
use ratatui_core::text::{Line, Span};

use super::page::state_in_words;
use super::{READABLE, course, ends, inked, list, paint, style};
use crate::commands::watch::state::{Crates, Lacks, Page, Question, Readiness, State, Steps, Work};
use crate::judging::verdict::Kind;
use crate::learner::progress;
use crate::screen;
use crate::screen::ansi;
use crate::screen::paint::{Ink, wrap};
use ::course::course::Kind as ExerciseKind;

/// The path of the exercise's file.
pub(super) fn file(state: &State) -> Line<'static> {
    Line::raw(screen::verdict::file(&state.file))
}

/// What the page is about.
pub(super) fn title(state: &State) -> Line<'static> {
    let width = paint(state).width.min(READABLE);
    let here = format!("{} {}", state.exercise.number, state.exercise.name());
    match &state.page {
        Page::Verdict => of_the_verdict(state, &here, width),
        Page::Text { title, .. } | Page::Book { title, .. } => named(title, &here, state, width),
        Page::Comparison { .. } => named("your file and the reference", &here, state, width),
        Page::Trace(_) if state.is_outdated() => named(
            "the run of the version before your save",
            &here,
            state,
            width,
        ),
        Page::Trace(_) if state.exercise.kind == ExerciseKind::Predict => {
            named("your prediction", &here, state, width)
        }
        Page::Trace(_) => named("your run", &here, state, width),
        Page::List(list) => {
            let left = vec![inked(" Every exercise", Ink::Strong, state)];
            let right = vec![Span::raw(format!("{} shown", list::count(list, state)))];
            ends(left, right, width)
        }
        Page::Help => Line::from(inked(" Keys", Ink::Strong, state)),
    }
}

fn named(title: &str, here: &str, state: &State, width: usize) -> Line<'static> {
    let left = vec![inked(format!(" {title}"), Ink::Strong, state)];
    ends(left, vec![Span::raw(here.to_owned())], width)
}

fn of_the_verdict(state: &State, here: &str, width: usize) -> Line<'static> {
    // The first page of an exercise is about no version of the file.
    let is_start = state.shows_the_start();
    let busy = match state.work {
        Work::NoText(lacks) => Some(what_is_wrong(lacks)),
        Work::Checking(_) if !state.untouched => Some("checking"),
        _ => None,
    };
    if let Some(busy) = busy.filter(|_| is_start) {
        return Line::from(vec![
            inked("… ", Ink::Attention, state),
            inked(here.to_owned(), Ink::Strong, state),
            inked(format!("   {busy}"), Ink::Attention, state),
        ]);
    }
    let says_more =
        |kind: Kind| !is_start && (kind != Kind::NotStarted || state.work != Work::Nothing);
    let Some(verdict) = state.verdict.as_ref().filter(|it| says_more(it.kind)) else {
        let (sign, ink) = course::sign(state.progress());
        let left = vec![
            inked(sign, ink, state),
            inked(format!(" {here}"), Ink::Strong, state),
            Span::raw(format!("   {}", state_in_words(state.progress()))),
        ];
        return ends(left, Vec::new(), width);
    };
    let has_room = width > 80;
    let outdated = match state.work {
        Work::Checking(_) if has_room => {
            "checking your new version; below is the verdict on the one before".to_owned()
        }
        Work::Checking(_) => "checking; below: the version before".to_owned(),
        Work::NoText(lacks) => format!("{}; below: the version before", what_is_wrong(lacks)),
        _ => {
            let drawn = screen::verdict::title(&state.exercise, verdict, paint(state));
            return ansi::lines(&drawn).into_iter().next().unwrap_or_default();
        }
    };
    // A narrow screen has room for what matters more.
    let room = width.saturating_sub(here.chars().count() + 5);
    let outdated = match outdated.split_once(';') {
        Some((short, _)) if outdated.chars().count() > room => short,
        _ => &*outdated,
    };
    Line::from(vec![
        inked("… ", Ink::Attention, state),
        inked(here.to_owned(), Ink::Strong, state),
        inked(format!("   {outdated}"), Ink::Attention, state),
    ])
}

/// A note or a question, with an empty line above.
pub(super) fn message(state: &State) -> Vec<Line<'static>> {
    let width = paint(state).width;
    let (text, ink) = match (state.question, &state.note) {
        (Some(question), _) => (asked(question, state), Ink::Strong),
        (None, Some(note)) => (note.clone(), Ink::Attention),
        (None, None) => return Vec::new(),
    };
    let mut lines = vec![Line::default()];
    lines.extend(
        wrap(&text, width.min(READABLE))
            .lines()
            .map(|line| Line::from(inked(line, ink, state))),
    );
    lines
}

fn asked(question: Question, state: &State) -> String {
    let here = format!("{} {}", state.exercise.number, state.exercise.name());
    match question {
        Question::Skip => {
            format!(
                "Skip {here}? Nothing is lost: the list shows it as skipped, and you can come back."
            )
        }
        Question::Reset if state.work == Work::NoText(Lacks::File) => {
            format!("Write the stub of {here} again, as {}?", state.file)
        }
        Question::Reset => format!(
            "Put {here} back to its beginning? Your version of {} is kept aside, and you are told where.",
            state.file
        ),
        Question::Solution => {
            format!("You have not solved {here} yet. Show the answer now?")
        }
    }
}

/// Why a file cannot be judged, for a title.
fn what_is_wrong(lacks: Lacks) -> &'static str {
    match lacks {
        Lacks::File => "the file is gone",
        Lacks::Content => "the file is empty",
        Lacks::Encoding => "the file is not UTF-8",
        Lacks::Permission => "the file cannot be read",
    }
}

/// What to do about a file that cannot be judged.
pub(super) fn sentence_about(lacks: Lacks, state: &State) -> String {
    let file = &state.file;
    match lacks {
        Lacks::File => {
            format!(
                "{file} is gone. z writes the stub again. Or save your version once more: then it is checked."
            )
        }
        Lacks::Content => {
            format!(
                "{file} is empty. z writes the stub again. Or save your version once more: then it is checked."
            )
        }
        Lacks::Encoding => format!(
            "{file} is not UTF-8 text, so it cannot be compiled. Save it as UTF-8 in your editor, or press z for the stub; \
             z keeps the bytes that are there."
        ),
        Lacks::Permission => format!(
            "{file} is there, but this program may not read it. Give yourself the right to read it: chmod u+r {file}"
        ),
    }
}

/// What is under way, how much more of the page there is, how many exercises are solved.
pub(super) fn status(state: &State, furthest: usize) -> Line<'static> {
    let width = paint(state).width;
    let left = format!(" {} ", under_way(state));
    let mut right = String::new();
    match (state.scroll, furthest.saturating_sub(state.scroll)) {
        (0, 0) => {}
        (0, below) => right.push_str(&format!(" {} ↓ PgDn ", more(below))),
        (above, 0) => right.push_str(&format!(" {} ↑ ", more(above))),
        (above, below) => right.push_str(&format!(" ↑ {above} · {} ↓ ", more(below))),
    }
    let mut count = format!(" {} ", state.map.count());
    // Where not all of it fits, what is under way matters more.
    if left.chars().count() + right.chars().count() + count.chars().count() + 4 > width {
        count.clear();
    }
    if left.chars().count() + right.chars().count() + 4 > width {
        right.retain(|char| " ↑↓".contains(char));
        right = format!(
            " {} ",
            right.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
    let used = left.chars().count() + right.chars().count() + count.chars().count();
    let rule = |length: usize| inked("─".repeat(length), Ink::Faint, state);
    let between = width.saturating_sub(used + 4);
    Line::from(vec![
        rule(2),
        Span::raw(left),
        rule(between),
        inked(right, Ink::Strong, state),
        rule(1),
        Span::raw(count),
        rule(1),
    ])
}

fn more(lines: usize) -> String {
    match lines {
        1 => "1 more line".to_owned(),
        lines => format!("{lines} more lines"),
    }
}

fn under_way(state: &State) -> String {
    let book = match state.book {
        Some(Steps { done, all }) if all > 0 => {
            format!(" · building the book ({done} of {all} steps)")
        }
        Some(_) => " · building the book".to_owned(),
        None => String::new(),
    };
    doing(state) + &book
}

fn doing(state: &State) -> String {
    match (state.work, state.readiness) {
        (Work::Checking(seconds), Readiness::Warming(crates)) if crates.done > 0 => {
            let seconds = seconds.map_or(String::new(), |seconds| format!(", {seconds} s"));
            format!(
                "checking · building what it needs ({}{seconds})",
                counted(crates)
            )
        }
        (Work::Checking(None), _) => "checking".to_owned(),
        (Work::Checking(Some(seconds)), _) => format!("checking · {seconds} s"),
        (Work::Drawing, _) => "running your code to draw it".to_owned(),
        (Work::NoText(_), _) => "waiting for the file".to_owned(),
        (Work::Nothing, Readiness::Warming(crates)) if crates.done == 0 => {
            "watching · getting the checks ready".to_owned()
        }
        (Work::Nothing, Readiness::Warming(crates)) => {
            format!("watching · getting the checks ready ({})", counted(crates))
        }
        (Work::Nothing, Readiness::Ready) => "watching".to_owned(),
        (Work::Nothing, Readiness::Preparing(chapter)) => {
            format!("watching · in the background: compiling for chapter {chapter}")
        }
    }
}

/// `21 of 48 crates`.
fn counted(crates: Crates) -> String {
    match crates.all {
        Some(all) => format!("{} of {} crates", crates.done, all.max(crates.done)),
        None => format!("{} crates", crates.done),
    }
}

/// The keys that are of use now, and those that always are.
pub(super) fn keys(state: &State) -> Vec<Line<'static>> {
    let width = paint(state).width;
    if state.question.is_some() {
        return vec![Line::from(vec![
            Span::styled(
                " y ",
                style(Ink::Strong, state.colour).add_modifier(Modifier::REVERSED),
            ),
            Span::raw(" yes     any other key: no"),
        ])];
    }
    let (now, always): (Vec<String>, &[&str]) = match &state.page {
        Page::List(_) => (
            vec!["type to search · ↑ ↓ choose · Enter open · Esc back".to_owned()],
            &["Ctrl-C quit"],
        ),
        Page::Verdict => (of_use(state), ALWAYS),
        Page::Book { .. } => (of_the_book(state), ALWAYS),
        _ => {
            let mut keys = vec!["Esc back".to_owned()];
            keys.extend(of_use(state));
            (keys, ALWAYS)
        }
    };
    let always: Vec<String> = always.iter().map(|&key| key.to_owned()).collect();
    [now, always]
        .iter()
        .map(|keys| row(keys, state, width))
        .collect()
}

const ALWAYS: &[&str] = &[
    "l list",
    "← → others",
    "e editor",
    "b book page",
    "? all keys",
    "q quit",
];

/// The keys of a page of the book.
fn of_the_book(state: &State) -> Vec<String> {
    let mut keys = vec!["Esc back".to_owned()];
    if !super::folds_on_screen(state).is_empty() {
        keys.push("a answer".to_owned());
    }
    if super::furthest_sideways(state) > 0 {
        keys.push("< > sideways".to_owned());
    }
    keys.push("B in your browser".to_owned());
    keys
}

/// The keys that the exercise's state suggests, the likeliest first.
fn of_use(state: &State) -> Vec<String> {
    let mut keys = Vec::new();
    let verdict = state.verdict.as_ref();
    let kind = verdict.map(|verdict| verdict.kind);
    let here = state.map.place(&state.exercise.id);
    let next = here
        .filter(|here| here.is_done())
        .and_then(|here| state.map.to_do_after(&here.id));
    if let Some(next) = next {
        keys.push(format!("n next: {} {}", next.number, next.name));
    }
    if verdict.is_some_and(|verdict| verdict.mistake.is_some()) {
        keys.push("x explain".to_owned());
    }
    // Without the right to read the file there is nothing to keep aside.
    if let Some(lacks) = lacking(state).filter(|lacks| *lacks != Lacks::Permission) {
        let does = if lacks == Lacks::File {
            "z bring the stub back"
        } else {
            "z reset"
        };
        keys.push(does.to_owned());
    }
    if let Some(position) = state.hint.as_ref().filter(|_| kind != Some(Kind::Passed)) {
        keys.push(format!("h {position}"));
    }
    if verdict.is_some_and(|verdict| verdict.seen.is_some() || verdict.kind == Kind::Passed) {
        keys.push("t trace".to_owned());
    }
    if state.progress() == progress::State::Solved {
        keys.push("c compare".to_owned());
    } else {
        keys.push("s solution".to_owned());
    }
    if !state.untouched && !matches!(state.work, Work::NoText(_)) {
        keys.push("r again".to_owned());
        keys.push("z reset".to_owned());
    }
    if matches!(
        state.progress(),
        progress::State::NotStarted | progress::State::Unfinished
    ) {
        keys.push("k skip".to_owned());
    }
    keys
}

/// Why the file cannot be judged, if it cannot.
fn lacking(state: &State) -> Option<Lacks> {
    match state.work {
        Work::NoText(lacks) => Some(lacks),
        _ => None,
    }
}

/// As many keys as fit in a line.
fn row(keys: &[String], state: &State, width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    let mut used = 0;
    for key in keys {
        let gap = if spans.is_empty() { " " } else { " · " };
        used += gap.chars().count() + key.chars().count();
        if used > width {
            break;
        }
        spans.push(inked(gap, Ink::Faint, state));
        match key.split_once(' ') {
            Some((letter, name)) => {
                spans.push(inked(letter, Ink::Strong, state));
                spans.push(Span::raw(format!(" {name}")));
            }
            None => spans.push(Span::raw(key.clone())),
        }
    }
    Line::from(spans)
}
