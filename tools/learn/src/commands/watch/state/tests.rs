//! What keys mean.

use std::collections::BTreeSet;

use ratatui_core::layout::Size;

use super::{Lacks, Page, Question, State, Wish, Work};
use crate::commands::watch::keys::Key;
use crate::commands::watch::map::Way;
use crate::commands::watch::tests_data::{begun, state};
use crate::judging::verdict::{Kind, Verdict};
use crate::learner::progress;

fn fresh() -> State {
    state(Size::new(80, 24))
}

fn with(so_far: progress::State) -> State {
    let mut state = fresh();
    state.untouched = so_far == progress::State::NotStarted;
    begun(&mut state, so_far);
    state
}

fn opens(id: &str) -> Option<Wish> {
    Some(Wish::Open(id.to_owned()))
}

#[test]
fn the_next_exercise_comes_on_request_once_this_one_is_done() {
    assert_eq!(
        with(progress::State::Solved).press(Key::Char('n')),
        opens("wakers/a-name-that-is-longer-than-any")
    );
    assert_eq!(
        with(progress::State::Skipped).press(Key::Char('n')),
        opens("wakers/a-name-that-is-longer-than-any")
    );
    let mut unsolved = with(progress::State::Unfinished);
    assert_eq!(unsolved.press(Key::Char('n')), None);
    assert!(unsolved.note.unwrap().contains("k skips this one"));
}

#[test]
fn after_the_last_one_comes_what_was_left_before_it() {
    let mut state = with(progress::State::Unfinished);
    state.exercise.id = "event-loop/ready-queue".to_owned();
    begun(&mut state, progress::State::Solved);
    assert_eq!(state.press(Key::Char('n')), opens("wakers/oneshot"));
}

#[test]
fn on_a_route_its_next_exercise_comes() {
    let mut state = with(progress::State::Solved);
    state.map.route = Some(Way {
        title: "Short".to_owned(),
        exercises: vec![
            "wakers/oneshot".to_owned(),
            "event-loop/ready-queue".to_owned(),
        ],
    });
    assert_eq!(state.press(Key::Char('n')), opens("event-loop/ready-queue"));
    assert_eq!(state.map.route().unwrap(), "Route: Short, 1 of 2");
}

#[test]
fn arrows_leaf_through_the_course_and_mark_nothing() {
    let mut state = with(progress::State::Unfinished);
    assert_eq!(
        state.press(Key::Right),
        opens("wakers/a-name-that-is-longer-than-any")
    );
    assert_eq!(state.press(Key::Left), opens("wakers/who-is-woken"));
    assert_eq!(state.press(Key::Char('p')), opens("wakers/who-is-woken"));
    state.exercise.id = "generators/countdown".to_owned();
    assert_eq!(state.press(Key::Left), None);
    assert!(state.note.is_some());
}

#[test]
fn what_cannot_be_taken_back_is_asked_for_and_any_other_key_than_y_is_a_no() {
    for (key, question, wish) in [
        ('k', Question::Skip, Wish::Skip),
        ('z', Question::Reset, Wish::Reset),
        ('s', Question::Solution, Wish::Solution),
    ] {
        let mut state = with(progress::State::Unfinished);
        assert_eq!(state.press(Key::Char(key)), None);
        assert_eq!(state.question, Some(question));
        assert_eq!(state.press(Key::Char(key)), None);
        assert_eq!(state.question, None);
        state.press(Key::Char(key));
        assert_eq!(state.press(Key::Enter), None);
        state.press(Key::Char(key));
        assert_eq!(state.press(Key::Char('y')), Some(wish));
    }
}

#[test]
fn where_there_is_nothing_to_lose_nothing_is_asked() {
    assert_eq!(
        with(progress::State::Solved).press(Key::Char('s')),
        Some(Wish::Solution)
    );
    let mut untouched = fresh();
    untouched.press(Key::Char('z'));
    assert_eq!(untouched.question, None);
    let mut solved = with(progress::State::Solved);
    solved.press(Key::Char('k'));
    assert_eq!(solved.question, None);
}

#[test]
fn a_file_that_is_gone_comes_back_as_the_stub_on_request() {
    let mut state = with(progress::State::Unfinished);
    state.work = Work::NoText(Lacks::File);
    assert_eq!(state.press(Key::Char('z')), None);
    assert_eq!(state.question, Some(Question::Reset));
    assert_eq!(state.press(Key::Char('y')), Some(Wish::Reset));
}

#[test]
fn the_reference_stands_beside_the_learners_file_once_the_exercise_is_solved() {
    let mut unsolved = with(progress::State::Unfinished);
    assert_eq!(unsolved.press(Key::Char('c')), None);
    assert!(
        unsolved
            .note
            .unwrap()
            .contains("once this exercise is solved")
    );
    let mut solved = with(progress::State::Solved);
    assert_eq!(solved.press(Key::Char('c')), Some(Wish::Compare));
}

#[test]
fn a_opens_the_first_answer_on_the_screen_and_closes_it_again() {
    let mut state = fresh();
    let answer = "<details><summary>Answer</summary>\n\nTwo.\n\n</details>\n\n";
    state.show(Page::Book {
        title: String::new(),
        markdown: answer.repeat(2),
        open: BTreeSet::new(),
    });
    let open = |state: &State| match &state.page {
        Page::Book { open, .. } => open.iter().copied().collect(),
        _ => Vec::new(),
    };
    state.press(Key::Char('a'));
    assert_eq!(open(&state), [0]);
    state.press(Key::Char('a'));
    assert_eq!(open(&state), [0, 1]);
    state.press(Key::Char('a'));
    assert_eq!(open(&state), [1]);
}

#[test]
fn letters_are_words_to_search_for_while_the_list_is_open() {
    let mut state = fresh();
    state.press(Key::Char('l'));
    for char in "quit".chars() {
        assert_eq!(state.press(Key::Char(char)), None);
    }
    state.press(Key::Escape);
    for char in "wakers LOST".chars() {
        state.press(Key::Char(char));
    }
    assert_eq!(
        state.press(Key::Enter),
        opens("wakers/a-name-that-is-longer-than-any")
    );
    assert_eq!(state.press(Key::Interrupt), Some(Wish::Quit));
}

#[test]
fn the_list_begins_at_the_exercise_one_is_in_and_ends_where_it_ends() {
    let mut state = fresh();
    state.press(Key::Char('l'));
    assert_eq!(state.press(Key::Enter), opens("wakers/oneshot"));
    state.press(Key::Down);
    assert_eq!(
        state.press(Key::Enter),
        opens("wakers/a-name-that-is-longer-than-any")
    );
    for _ in 0..9 {
        state.press(Key::PageDown);
    }
    assert_eq!(state.press(Key::Enter), opens("event-loop/ready-queue"));
}

fn verdict(state: &State, mistake: Option<&str>) -> Box<Verdict> {
    Box::new(Verdict {
        mistake: mistake.map(str::to_owned),
        ..Verdict::new(&state.exercise, Kind::Failed, "It is wrong.".to_owned())
    })
}

#[test]
fn a_new_verdict_takes_the_place_of_a_hint_but_not_of_a_list() {
    let mut state = fresh();
    state.show(Page::Text {
        title: "Hint".to_owned(),
        text: "Look.".to_owned(),
    });
    state.judged(verdict(&state, None));
    assert!(matches!(state.page, Page::Verdict));
    state.press(Key::Char('l'));
    state.judged(verdict(&state, None));
    assert!(matches!(state.page, Page::List(_)));
    assert!(state.note.is_some());
}

#[test]
fn a_mistake_is_explained_if_it_has_a_name() {
    let mut state = fresh();
    assert_eq!(state.press(Key::Char('x')), None);
    let note = state.note.as_deref().unwrap_or_default();
    assert!(note.contains("no verdict yet"), "{note}");
    state.judged(verdict(&state, Some("busy-poll")));
    assert_eq!(
        state.press(Key::Char('x')),
        Some(Wish::Explain("busy-poll".to_owned()))
    );
    state.judged(verdict(&state, None));
    assert_eq!(state.press(Key::Char('x')), None);
    let note = state.note.as_deref().unwrap_or_default();
    assert!(note.contains("names no mistake"), "{note}");
}

#[test]
fn a_verdict_is_outdated_from_the_save_to_the_next_verdict() {
    let mut state = fresh();
    state.judged(verdict(&state, None));
    assert!(!state.is_outdated());
    state.work = Work::Checking(None);
    assert!(state.is_outdated());
    state.judged(verdict(&state, None));
    assert!(!state.is_outdated());
}

#[test]
fn a_note_goes_with_the_next_key() {
    let mut state = with(progress::State::Unfinished);
    state.press(Key::Char('n'));
    state.press(Key::Down);
    assert_eq!(state.note, None);
}
