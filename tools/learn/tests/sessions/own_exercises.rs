//! An exercise of a teacher's own: the files that the book shows, added to a course as the book says.

use crate::walk_through::{with_the_files, write_the_snapshots};

/// The page that shows them.
const PAGE: &str = include_str!("../../../../book/pages/teachers.md");

const STUB: &str = "exercises/90-class/src/retry_delay.rs";
const ANSWER: &str = "solutions/90-class/src/retry_delay.rs";

/// The answer makes the snapshots; the stub and the hashes are generated. What `verify` finds is tested beside `verify`.
#[test]
#[ignore = "it builds the crate of an answer: .ci/run asks for it"]
fn the_exercise_of_the_walk_through_is_judged_like_any_other() {
    let sample = with_the_files();
    write_the_snapshots(&sample);
    sample.generate();
    assert!(sample.read(STUB).contains("todo!(\"the wait before retry"));
    let list = sample.read("exercises/90-class/chapter.toml");
    let (_, part) = list.split_once("part = \"").expect("it names its part");
    let (part, _) = part.split_once('"').expect("the name ends");
    assert!(
        PAGE.contains(&format!("# {part}\n\n- [90 ")),
        "the page adds another part than {part} to the summary"
    );

    let untouched = sample.learn(&["check", "retry-delay", "--json"]).verdict();
    assert_eq!(untouched.verdict, "not-started");
    sample.write(STUB, &sample.read(ANSWER));
    let solved = sample.learn(&["check", "retry-delay", "--json"]).verdict();
    assert_eq!(solved.verdict, "passed", "{}", solved.message);
}
