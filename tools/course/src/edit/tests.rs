use super::*;

const ANSWER: &str = "\
//! Sends one value.
//!
//! More about it.

// YOURS
use std::mem;
// YOURS_END

/// Sends.
pub fn send(slot: &mut Slot, value: u32) {
    // YOURS
    // The lock is released before the wake.
    let waker = slot.waker.take(); // taken, not cloned
    slot.value = value;

    // Nothing is locked here.
    wake(waker);
    // STUB: todo!()
    // YOURS_END
}

/// Closes.
pub fn close(slot: &mut Slot) {
    slot.closed = true;
    wake(slot.waker.take());
}
";

fn applied(edit: &str) -> String {
    Edit::parse(edit).unwrap().apply(ANSWER).unwrap()
}

fn refused(edit: &str) -> String {
    let edit = Edit::parse(edit).unwrap();
    edit.apply(ANSWER).unwrap_err().to_string()
}

fn malformed(edit: &str) -> String {
    Edit::parse(edit).unwrap_err().to_string()
}

#[test]
fn lines_give_way_to_others_and_the_marks_are_gone() {
    let wrong = applied(
        "Wakes first.\n\n-    let waker = slot.waker.take();\n+    wake(slot.waker.take());\n\n-    wake(waker);\n",
    );
    assert_eq!(
        wrong,
        "\
//! Wakes first.
//!
//! Sends one value.
//!
//! More about it.

use std::mem;

/// Sends.
pub fn send(slot: &mut Slot, value: u32) {
    // The lock is released before the wake.
    wake(slot.waker.take());
    slot.value = value;
}

/// Closes.
pub fn close(slot: &mut Slot) {
    slot.closed = true;
    wake(slot.waker.take());
}
"
    );
}

#[test]
fn the_comments_of_the_answer_do_not_count() {
    let edit = "Forgets to wake.\n\n-    slot.value = value;\n-    wake(waker);\n+    slot.value = value;\n";
    let rewritten = ANSWER.replace(
        "// Nothing is locked here.",
        "// The lock is free.\n\n    // Wake.",
    );
    let edit = Edit::parse(edit).unwrap();
    assert_eq!(edit.apply(ANSWER).unwrap(), edit.apply(&rewritten).unwrap());
}

#[test]
fn a_comment_goes_with_its_line_and_stays_where_the_line_is_replaced() {
    let gone = applied("Leaves it out.\n\n-    wake(waker);\n");
    assert!(!gone.contains("Nothing is locked"), "{gone}");
    let replaced = applied("Leaves it out.\n\n-    wake(waker);\n+    drop(waker);\n");
    assert!(
        replaced.contains("    // Nothing is locked here.\n    drop(waker);\n"),
        "{replaced}"
    );
    let explained =
        applied("Leaves it out.\n\n-    wake(waker);\n+    // No wake.\n+    drop(waker);\n");
    assert!(
        explained.contains("value;\n\n    // No wake.\n    drop(waker);\n"),
        "{explained}"
    );
}

#[test]
fn a_line_comes_after_the_one_that_stays_or_above_the_comment_of_the_next() {
    let after = applied("Adds.\n\n     slot.value = value;\n+    one();\n");
    assert!(
        after.contains("slot.value = value;\n    one();\n\n    // Nothing"),
        "{after}"
    );
    let before = applied("Adds.\n\n+fn one() {}\n+\n pub fn close(slot: &mut Slot) {\n");
    assert!(
        before.contains("}\n\nfn one() {}\n\n/// Closes.\npub fn close"),
        "{before}"
    );
}

#[test]
fn the_last_line_can_go_and_lines_can_follow_it() {
    let gone = applied("Ends early.\n\n     wake(slot.waker.take());\n-}\n");
    assert!(gone.ends_with("    wake(slot.waker.take());\n"), "{gone}");
    let more = applied("Adds.\n\n     wake(slot.waker.take());\n }\n+\n+fn more() {}\n");
    assert!(more.ends_with("}\n\nfn more() {}\n"), "{more}");
}

#[test]
fn a_block_that_the_answer_lacks_is_named_with_the_line_that_is_missing() {
    assert_eq!(
        refused("Wrong.\n\n-    slot.value = value;\n-    wake(it);\n"),
        "block 1 (line 3, `slot.value = value;`) is not in the answer: `wake(it);` is the first line that does not follow there"
    );
}

#[test]
fn a_block_that_fits_twice_is_refused_until_a_neighbor_tells_the_places_apart() {
    let twice = ANSWER.replace("    wake(waker);\n", "    slot.closed = true;\n");
    let edit = |text| Edit::parse(text).unwrap().apply(&twice);
    assert_eq!(
        edit("Wrong.\n\n-    slot.closed = true;\n")
            .unwrap_err()
            .to_string(),
        "block 1 (line 3, `slot.closed = true;`) fits 2 places of the answer: add a neighboring line after a space"
    );
    let wrong =
        edit("Wrong.\n\n-    slot.closed = true;\n     wake(slot.waker.take());\n").unwrap();
    assert!(
        wrong.contains("slot.value = value;\n\n    // Nothing is locked here.\n    slot.closed")
    );
    assert!(wrong.contains("close(slot: &mut Slot) {\n    wake("));
}

#[test]
fn blocks_that_change_the_same_lines_are_refused() {
    assert_eq!(
        refused("Wrong.\n\n-    wake(waker);\n\n-    slot.value = value;\n-    wake(waker);\n"),
        "block 2 (line 5, `slot.value = value;`) changes the same lines as block 1"
    );
}

#[test]
fn a_block_without_a_line_of_the_answer_has_no_place() {
    assert!(refused("Wrong.\n\n+    one();\n").contains("nothing says where it belongs"));
}

#[test]
fn an_edit_that_is_not_written_as_one_is_named_with_its_line() {
    let sentence = "an edit begins with the sentence that says what the learner did";
    assert_eq!(malformed(""), format!("line 1: {sentence}"));
    assert_eq!(malformed("-gone\n"), format!("line 1: {sentence}"));
    assert_eq!(
        malformed("Wrong.\n\n stays\n"),
        "line 3: this block has neither a line that goes nor one that comes"
    );
    assert_eq!(
        malformed("Wrong.\n\n-gone\nstray\n"),
        "line 4: a line of a block begins with `-`, `+` or a space"
    );
    assert_eq!(
        malformed("Wrong.\n-gone\n"),
        "line 2: an empty line ends the sentence"
    );
}

#[test]
fn line_endings_do_not_matter() {
    let edit = "Wrong.\n\n-    wake(waker);\n+    drop(waker);\n";
    let windows = |text: &str| text.replace('\n', "\r\n");
    let read = Edit::parse(&windows(edit)).unwrap();
    assert_eq!(read, Edit::parse(edit).unwrap());
    assert_eq!(read.apply(&windows(ANSWER)).unwrap(), applied(edit));
}

#[test]
fn a_comment_behind_code_is_told_from_two_slashes_in_a_string() {
    let code = lines::without_comment;
    assert_eq!(code("a(); // why"), "a();");
    assert_eq!(code(r#"a("http://b"); // why"#), r#"a("http://b");"#);
    assert_eq!(code(r#"a('"'); // "why""#), r#"a('"');"#);
    assert_eq!(code(r"a('\''); // why"), r"a('\'');");
    assert_eq!(
        code("fn a<'a>(b: &'a str) {} // why"),
        "fn a<'a>(b: &'a str) {}"
    );
}
