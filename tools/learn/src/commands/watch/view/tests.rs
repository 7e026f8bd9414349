//! Each screen at the size of a small terminal and of a large one, from fixed data.

use std::fs;

use ratatui_core::backend::TestBackend;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Size;
use ratatui_core::style::Color;
use ratatui_core::terminal::Terminal;
use tempfile::TempDir;

use crate::commands::watch::keys::Key;
use crate::commands::watch::list::List;
use crate::commands::watch::state::{Crates, Lacks, Page, Question, Readiness, State, Wish, Work};
use crate::commands::watch::tests_data::{self, state};
use crate::judging::traces::Traced;
use crate::judging::verdict::{Finding, Kind, Seen, Verdict};
use crate::learner::progress;

const SMALL: Size = Size::new(80, 24);
const LARGE: Size = Size::new(200, 50);

fn drawn(state: &State) -> Buffer {
    let backend = TestBackend::new(state.size.width, state.size.height);
    let mut terminal = Terminal::new(backend).unwrap();
    terminal.draw(|frame| super::draw(state, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// What stands there, without colours.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width).map(|row| {
        let row: String = row.iter().map(|cell| cell.symbol()).collect();
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// Holds a screen to its two snapshots.
#[track_caller]
fn shows<Kept>(name: &str, change: impl Fn(&mut State) -> Kept) {
    for size in [SMALL, LARGE] {
        let mut state = state(size);
        // What the screen reads stays until it is drawn.
        let _kept = change(&mut state);
        let name = format!("{name}_{}x{}", size.width, size.height);
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text(&drawn(&state)));
        });
    }
}

const ONE_WAKE: &str = "\
 1  future  polled by A → pending
 2  future  polled by B → pending
 3  event   happens
 4  A         woken
 5  event   → done
";

const IN_TURN: &str = "\
 1  caller  spawns a, number 0
 2  caller  spawns b, number 1
 3  a       resume() → yields 1
 4  b       resume() → yields 1
 5  a       resume() → completes with \"done\"
 6  b       resume() → completes with \"done\"
";

const OUT_OF_TURN: &str = "\
 1  caller  spawns a, number 0
 2  caller  spawns b, number 1
 3  a       resume() → yields 1
 4  a       resume() → completes with \"done\"
 5  b       resume() → yields 1
 6  b       resume() → completes with \"done\"
";

fn seen(run: &str, marked: Option<usize>, snapshot: Option<&str>) -> Seen {
    let recording = picture::parse::parse(run).unwrap().recording;
    Seen {
        recording,
        marked,
        snapshot: snapshot.map(str::to_owned),
        expected: None,
        holders: Vec::new(),
    }
}

fn verdict(state: &State, kind: Kind, sentence: &str) -> Verdict {
    Verdict {
        passed: 6,
        tests: if kind == Kind::DoesNotCompile { 0 } else { 21 },
        took: std::time::Duration::from_millis(310),
        ..Verdict::new(&state.exercise, kind, sentence.to_owned())
    }
}

/// A diagnosis whose run has a picture.
fn diagnosis(state: &State) -> Verdict {
    Verdict {
        mistake: Some("first-waker-only".to_owned()),
        test: Some("a receiver that has moved to another task is still woken".to_owned()),
        seen: Some(seen(ONE_WAKE, Some(4), None)),
        ..verdict(
            state,
            Kind::Failed,
            "The wake went to A, which polled first. B polled last, and waits now. Keeping an earlier waker when a new one \
             comes does this.",
        )
    }
}

fn judged(state: &mut State, verdict: Verdict) {
    tests_data::begun(state, progress::State::Unfinished);
    state.judged(Box::new(verdict));
}

fn page(state: &mut State, title: &str, text: &str) {
    state.show(Page::Text {
        title: title.to_owned(),
        text: text.to_owned(),
    });
}

#[test]
fn at_the_start_it_says_what_is_to_do() {
    shows("start", |_| {});
}

#[test]
fn while_the_checks_are_built_it_says_so() {
    shows("warming", |state| {
        state.readiness = Readiness::Warming(Crates {
            done: 12,
            all: Some(48),
        });
        state.work = Work::Checking(Some(4));
        tests_data::begun(state, progress::State::Unfinished);
        state.untouched = false;
    });
}

#[test]
fn an_untouched_hunt_shows_its_run() {
    shows("debug", |state| {
        state.judged(Box::new(Verdict {
            test: Some("two tasks take turns".to_owned()),
            seen: Some(seen(OUT_OF_TURN, None, None)),
            ..verdict(
                state,
                Kind::NotStarted,
                "Not started yet. This is expected: the program in exercises/03-wakers/src/oneshot.rs is plausible, and wrong. \
                 Find out why, repair it, and save.",
            )
        }));
    });
}

#[test]
fn a_compile_error_is_shown_as_the_compiler_wrote_it() {
    shows("compile_error", |state| judged(state, compile_error(state)));
}

fn compile_error(state: &State) -> Verdict {
    let error = "\u{1b}[1m\u{1b}[38;5;9merror[E0308]\u{1b}[0m\u{1b}[1m: mismatched types\u{1b}[0m\n \
                 \u{1b}[1m\u{1b}[38;5;12m--> \u{1b}[0mexercises/03-wakers/src/oneshot.rs:9:5\n  \
                 \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m\n\u{1b}[1m\u{1b}[38;5;12m9\u{1b}[0m \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m     \"seven\"\n  \
                 \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m     \u{1b}[1m\u{1b}[38;5;9m^^^^^^^\u{1b}[0m expected `u32`, found `&str`, which is a \
                 reference to a string slice and cannot be turned into a number\n";
    Verdict {
        errors: vec![error.to_owned()],
        ..verdict(
            state,
            Kind::DoesNotCompile,
            "It does not compile yet: line 9, mismatched types.",
        )
    }
}

#[test]
fn a_diagnosis_stands_below_its_run_and_the_picture_of_it() {
    shows("diagnosis", |state| judged(state, diagnosis(state)));
}

/// The folder has to stay as long as the screen is drawn.
fn difference(state: &mut State) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = folder.path().join("snapshots");
    fs::create_dir(&snapshots).unwrap();
    let text = format!("---\nsource: x\n---\n{IN_TURN}");
    fs::write(snapshots.join("oneshot__turns.snap"), text).unwrap();
    state.exercise.check = folder.path().join("oneshot.rs");
    let verdict = Verdict {
        mistake: Some("unfair-round-robin".to_owned()),
        test: Some("two tasks take turns".to_owned()),
        seen: Some(seen(OUT_OF_TURN, Some(3), Some("oneshot__turns"))),
        ..verdict(
            state,
            Kind::Failed,
            "The first task got two turns in a row while the other was waiting.",
        )
    };
    judged(state, verdict);
    folder
}

#[test]
fn two_runs_stand_beside_each_other_where_there_is_room() {
    shows("difference", difference);
}

#[test]
fn a_verdict_on_the_version_before_says_so() {
    shows("older_version", |state| {
        judged(state, diagnosis(state));
        state.work = Work::Checking(None);
    });
    shows("file_is_gone", |state| {
        judged(state, diagnosis(state));
        state.work = Work::NoText(Lacks::File);
    });
}

#[test]
fn a_file_without_a_verdict_that_cannot_be_judged_is_named_once_and_not_called_not_started() {
    for lacks in [
        Lacks::File,
        Lacks::Content,
        Lacks::Encoding,
        Lacks::Permission,
    ] {
        let mut state = state(SMALL);
        state.untouched = false;
        state.work = Work::NoText(lacks);
        let screen = text(&drawn(&state));
        let title = screen.lines().next().unwrap();
        assert!(title.contains("the file "), "{screen}");
        assert!(!screen.contains("oneshot   not started"), "{screen}");
        // The sentence stands on the page, so no note repeats it.
        let sentence = super::sentence_about(lacks, &state);
        let beginning: String = sentence.split_inclusive(' ').take(4).collect();
        assert_eq!(screen.matches(beginning.trim_end()).count(), 1, "{screen}");
    }
    let mut state = state(Size::new(60, 20));
    let verdict = diagnosis(&state);
    judged(&mut state, verdict);
    state.work = Work::NoText(Lacks::Encoding);
    let screen = text(&drawn(&state));
    let title = screen.lines().next().unwrap();
    assert!(title.ends_with("the file is not UTF-8"), "{screen}");
    shows("not_utf_8", |state| {
        state.untouched = false;
        state.work = Work::NoText(Lacks::Encoding);
    });
}

#[test]
fn what_timed_out_shows_how_far_it_came() {
    shows("timed_out", |state| {
        judged(
            state,
            Verdict {
                test: Some("a countdown ends".to_owned()),
                seen: Some(seen(
                    " 1  a  resume() → yields 1\n 2  a  resume()\n",
                    Some(1),
                    None,
                )),
                printed: vec!["left = 3".to_owned()],
                ..verdict(
                    state,
                    Kind::TimedOut,
                    "It was still running after 10 s. The call on line 2 did not return.",
                )
            },
        );
    });
}

#[test]
fn what_is_unfinished_says_how_much_is_done() {
    shows("unfinished", |state| {
        judged(
            state,
            verdict(
                state,
                Kind::Unfinished,
                "6 of 21 tests pass; your code reached the `todo!` on line 31.",
            ),
        );
    });
}

fn passed(state: &mut State) {
    tests_data::begun(state, progress::State::Solved);
    state.word = " The reference keeps an enum with three states, so that \"closed\" and \"empty\"\n cannot be confused.\n".to_owned();
    let verdict = Verdict {
        passed: 21,
        ..verdict(state, Kind::Passed, "All 21 tests pass.")
    };
    state.judged(Box::new(verdict));
}

#[test]
fn after_success_the_exercise_has_its_word_and_the_next_one_is_named() {
    shows("passed", passed);
}

#[test]
fn after_success_the_learners_file_stands_beside_the_reference() {
    shows("comparison", |state| {
        passed(state);
        state.show(Page::Comparison {
            mine: "pub fn double(number: u32) -> u32 {\n    let twice = number + number;\n    twice\n}\n".to_owned(),
            reference: "pub fn double(number: u32) -> u32 {\n    number * 2\n}\n".to_owned(),
        });
    });
}

const PAGE: &str = "# Who calls again?\n\n> The documentation says that a future which returns pending must have stored the \
    waker of that call somewhere.\n\n<details><summary>Answer</summary>\n\nThe last one.\n\n</details>\n\n```text\n \
    task ──▶ waker ──▶ queue ──▶ loop ──▶ poll ──▶ future ──▶ reactor ──▶ kernel ──▶ network ──▶ peer\n  a\n```\n";

fn book(state: &mut State) {
    state.show(Page::Book {
        title: "book/pages/03-wakers/oneshot.md".to_owned(),
        markdown: PAGE.to_owned(),
        open: std::collections::BTreeSet::new(),
    });
}

#[test]
fn a_page_of_the_book_folds_its_answers_and_keeps_its_drawings_whole() {
    shows("book", book);
    shows("book_unfolded", |state| {
        book(state);
        state.press(Key::Char('a'));
        state.press(Key::Char('>'));
    });
}

#[test]
fn at_60_columns_the_file_is_named_and_no_header_is_cut() {
    let mut state = state(Size::new(60, 20));
    state.exercise.shown = "a-name-that-is-longer-than-any-other-name".to_owned();
    let verdict = diagnosis(&state);
    judged(&mut state, verdict);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("diagnosis_60x20", text(&drawn(&state)));
    });
    state.work = Work::Checking(None);
    let shown = text(&drawn(&state));
    let header = shown.lines().next().unwrap();
    assert!(header.ends_with("checking"), "{shown}");
    assert!(
        shown.contains("  exercises/03-wakers/src/oneshot.rs\n"),
        "{shown}"
    );
}

#[test]
fn a_hint_fills_the_page() {
    shows("hint", |state| {
        judged(state, diagnosis(state));
        page(
            state,
            "Hint 1 of 3",
            " Which task does the event wake in your run, and which task waits?\n",
        );
    });
}

#[test]
fn a_long_explanation_says_how_much_more_there_is() {
    let lines: Vec<String> = (1..=70).map(|line| format!(" Line {line}.")).collect();
    shows("explanation", |state| {
        judged(state, diagnosis(state));
        page(state, "The mistake, explained", &lines.join("\n"));
        state.press(Key::Down);
        state.press(Key::Down);
    });
}

#[test]
fn the_list_shows_what_matches() {
    shows("list", |state| {
        tests_data::begun(state, progress::State::Skipped);
        state.show(Page::List(List::at(&state.map, &state.exercise.id)));
    });
    shows("list_searched", |state| {
        state.show(Page::List(List::default()));
        for char in "debug".chars() {
            state.press(Key::Char(char));
        }
        state.press(Key::Down);
    });
    shows("list_without_a_match", |state| {
        state.show(Page::List(List::default()));
        for char in "tokio".chars() {
            state.press(Key::Char(char));
        }
    });
}

#[test]
fn all_keys_are_listed() {
    shows("help", |state| state.show(Page::Help));
}

#[test]
fn a_trace_is_a_picture_with_what_its_signs_mean() {
    shows("trace", show_trace);
}

#[test]
fn a_predictions_picture_is_headed_as_one() {
    let mut state = state(SMALL);
    state.exercise.kind = course::course::Kind::Predict;
    show_trace(&mut state);
    let screen = text(&drawn(&state));
    assert!(screen.starts_with(" your prediction "), "{screen}");
}

fn show_trace(state: &mut State) {
    judged(state, diagnosis(state));
    let verdict = diagnosis(state);
    state.show(Page::Trace(Box::new(Traced {
        test: verdict.test.unwrap(),
        finding: Some(Finding {
            kind: Kind::Failed,
            mistake: verdict.mistake,
            sentence: verdict.sentence,
            seen: verdict.seen.clone(),
        }),
        seen: verdict.seen,
    })));
}

#[test]
fn before_something_is_lost_a_question_is_asked() {
    shows("question_reset", |state| {
        judged(state, diagnosis(state));
        state.question = Some(Question::Reset);
    });
    shows("question_solution", |state| {
        state.question = Some(Question::Solution);
    });
    shows("question_skip", |state| {
        state.question = Some(Question::Skip);
    });
}

#[test]
fn a_note_takes_its_lines_from_the_page() {
    shows("note", |state| {
        judged(state, diagnosis(state));
        state.note = Some("Neither VISUAL nor EDITOR says which editor is yours. Open the file in it yourself: exercises/03-wakers/src/oneshot.rs".to_owned());
    });
}

#[test]
fn a_window_that_is_too_small_is_told_so_and_only_q_means_something() {
    let mut state = state(Size::new(40, 10));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("too_small_40x10", text(&drawn(&state)));
    });
    assert_eq!(state.press(Key::Char('z')), None);
    assert_eq!(state.question, None);
    assert_eq!(state.press(Key::Char('q')), Some(Wish::Quit));
}

#[test]
fn no_size_is_too_small_to_be_drawn() {
    for (width, height) in [
        (0, 0),
        (1, 1),
        (59, 16),
        (60, 15),
        (60, 16),
        (131, 16),
        (132, 16),
    ] {
        let mut state = state(Size::new(width, height));
        let verdict = diagnosis(&state);
        judged(&mut state, verdict);
        state.note = Some("word ".repeat(200));
        drawn(&state);
        state.resized(Size::new(width, height));
    }
}

#[test]
fn what_is_under_way_is_said_whole_also_where_it_is_narrow() {
    let mut state = state(SMALL);
    let lines: Vec<String> = (1..=500).map(|line| format!("line {line}")).collect();
    page(&mut state, "Lines", &lines.join("\n"));
    state.press(Key::PageDown);
    state.readiness = Readiness::Warming(Crates {
        done: 120,
        all: Some(240),
    });
    state.work = Work::Checking(Some(100));
    let shown = text(&drawn(&state));
    assert!(shown.contains("(120 of 240 crates, 100 s)"), "{shown}");
    assert!(shown.contains(" ↑ ↓ "), "{shown}");
}

fn has_colour(buffer: &Buffer, wanted: impl Fn(Color) -> bool) -> bool {
    buffer
        .content
        .iter()
        .any(|cell| wanted(cell.fg) || wanted(cell.bg))
}

#[test]
fn without_colours_nothing_is_coloured() {
    let mut state = state(LARGE);
    passed(&mut state);
    assert!(has_colour(&drawn(&state), |colour| colour != Color::Reset));
    state.colour = false;
    assert!(!has_colour(&drawn(&state), |colour| colour != Color::Reset));
}

#[test]
fn the_compilers_own_colours_are_kept() {
    let mut state = state(SMALL);
    let error = compile_error(&state);
    judged(&mut state, error);
    let of_the_error = |colour| colour == Color::Indexed(9);
    assert!(has_colour(&drawn(&state), of_the_error));
}

#[test]
fn a_page_can_be_scrolled_to_its_end_and_no_further() {
    let mut state = state(SMALL);
    let lines: Vec<String> = (1..=50).map(|line| format!("line {line}")).collect();
    page(&mut state, "Lines", &lines.join("\n"));
    for _ in 0..9 {
        state.press(Key::PageDown);
    }
    let shown = text(&drawn(&state));
    assert!(
        shown.contains("line 50") && shown.contains("line 32\n"),
        "{shown}"
    );
    assert!(!shown.contains("line 31\n"), "{shown}");
    state.press(Key::Home);
    assert!(text(&drawn(&state)).contains("line 1\n"));
}
