//! The table of the book is what the tries come to.

use std::process::Command;

#[test]
fn each_crate_still_asks_for_what_the_book_says() {
    let run = Command::new(env!("CARGO_BIN_EXE_tried")).output().unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    let outcomes = concat!(env!("CARGO_MANIFEST_DIR"), "/outcomes.txt");
    let expected = std::fs::read_to_string(outcomes).unwrap();
    assert_eq!(
        printed, expected,
        "`cargo run -p tried > tools/tried/outcomes.txt`"
    );
}
