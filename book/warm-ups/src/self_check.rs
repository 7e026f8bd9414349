//! The fragments of code that the self-check asks about. Each test states the answer that the page gives.

use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn an_iterator_does_nothing_until_it_is_asked() {
    // ANCHOR: lazy
    let mut seen = Vec::new();
    let numbers = [1, 2, 3].iter().map(|number| seen.push(*number));
    drop(numbers);
    // What is in `seen` now?
    // ANCHOR_END: lazy
    assert!(seen.is_empty());
}

// ANCHOR: question_mark
fn shout(words: Option<&str>) -> Option<String> {
    let words = words?;
    Some(words.to_uppercase())
}
// What is `shout(None)`, and which line decides it?
// ANCHOR_END: question_mark

#[test]
fn a_question_mark_returns_none_at_once() {
    assert_eq!(shout(None), None);
    assert_eq!(shout(Some("yes")).as_deref(), Some("YES"));
}

#[test]
fn locals_are_dropped_in_reverse() {
    struct Named(&'static str, Rc<RefCell<Vec<&'static str>>>);
    impl Drop for Named {
        fn drop(&mut self) {
            self.1.borrow_mut().push(self.0);
        }
    }
    let order = Rc::new(RefCell::new(Vec::new()));
    let named = |name| Named(name, Rc::clone(&order));
    {
        // ANCHOR: drop_order
        let _first = named("first");
        let _second = named("second");
        let _ = named("third");
        // The scope ends here. In which order are the three dropped?
        // ANCHOR_END: drop_order
    }
    assert_eq!(*order.borrow(), ["third", "second", "first"]);
}

#[test]
fn a_clone_of_an_rc_is_another_owner_of_the_same_value() {
    // ANCHOR: rc
    let ours = Rc::new(RefCell::new(1));
    let theirs = Rc::clone(&ours);
    *theirs.borrow_mut() += 1;
    // What is in `ours` now? How many owners are there?
    // ANCHOR_END: rc
    assert_eq!((*ours.borrow(), Rc::strong_count(&ours)), (2, 2));
}

#[test]
fn a_refcell_lends_once_at_a_time() {
    // ANCHOR: borrow
    let cell = RefCell::new(String::from("hello"));
    let first = cell.borrow_mut();
    let second = cell.try_borrow_mut();
    // Is `second` a success? What would `cell.borrow_mut()` have done there?
    // ANCHOR_END: borrow
    assert!(second.is_err());
    drop(first);
}

#[test]
fn a_closure_keeps_what_it_captured() {
    // ANCHOR: closure
    let mut calls = 0;
    let mut count = move || {
        calls += 1;
        calls
    };
    let answers = (count(), count());
    // What is in `answers`, and what is in `calls`?
    // ANCHOR_END: closure
    assert_eq!((answers, calls), ((1, 2), 0));
}

// ANCHOR: match_enum
enum Light {
    Red,
    Green { seconds: u32 },
}

fn wait(light: Light) -> u32 {
    match light {
        Light::Red => 60,
        Light::Green { seconds } => seconds,
    }
}
// You add a variant `Yellow`. What becomes of `wait`?
// ANCHOR_END: match_enum

#[test]
fn a_match_binds_what_a_variant_carries() {
    assert_eq!(wait(Light::Red) + wait(Light::Green { seconds: 5 }), 65);
}
