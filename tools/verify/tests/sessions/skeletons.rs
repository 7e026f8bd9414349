//! Known mistakes that are changed and stored, and new exercises.

use std::fs;
use std::path::Path;

use crate::course;
use crate::sample::{Said, Sample};

const EDIT: &str = "solutions/01-first/mistakes/double/adds-one.edit";

/// A wrong answer to `first/double`, as a maintainer writes it.
const WRONG: &str = "//! Adds one.\n//!\n//! Twice as much.\n\n/// Twice the number.\npub fn double(number: u32) -> u32 {\n    \
                     // One more is twice as much, sometimes.\n    number + 1\n}\n";

/// The program, with a build folder of the sample's own: what is written out lies there.
fn verify(sample: &Sample, arguments: &[&str]) -> Said {
    let target = sample.path("target/learn");
    let mut command = sample.command(arguments);
    Said::from(command.env("LEARN_TARGET", target).output().unwrap())
}

fn succeeds(sample: &Sample, arguments: &[&str]) -> String {
    let said = verify(sample, arguments);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    said.stdout
}

fn fails(said: &Said) -> &str {
    assert_eq!(said.status, Some(2), "{}", said.stdout);
    said.stderr.trim()
}

#[test]
fn a_wrong_program_is_stored_as_an_edit_and_written_out_as_it_was() {
    let sample = course();
    sample.write("wrong.rs", WRONG);
    let stored = succeeds(
        &sample,
        &["mistake", "first/double", "adds-one", "--save", "wrong.rs"],
    );
    assert_eq!(stored, format!("{EDIT}: written\n"));
    assert_eq!(
        sample.read(EDIT),
        "Adds one.\n\n-    number + number\n+    // One more is twice as much, sometimes.\n+    number + 1\n"
    );
    let path = succeeds(&sample, &["mistake", "first/double", "adds-one"]);
    let written = fs::read_to_string(sample.path("").join(path.trim())).unwrap();
    assert_eq!(written, WRONG);
}

#[test]
fn changes_that_nothing_has_stored_are_not_overwritten() {
    let sample = course();
    sample.write(EDIT, "Adds one.\n\n-    number + number\n+    number + 1\n");
    let path = succeeds(&sample, &["mistake", "first/double", "adds-one"]);
    let path = sample.path("").join(path.trim());
    fs::write(&path, WRONG).unwrap();
    let said = verify(&sample, &["mistake", "first/double", "adds-one"]);
    assert!(
        fails(&said).contains("has changes. Store them with"),
        "{}",
        said.stderr
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), WRONG);
}

#[test]
fn what_cannot_be_stored_or_written_out_is_answered_with_one_sentence() {
    let sample = course();
    sample.write("wrong.rs", WRONG);
    sample.write("empty.rs", "");
    sample.write(EDIT, "Adds one.\n\n-    number * 2\n+    number + 1\n");
    let cases: [(&[&str], &str); 6] = [
        (
            &["mistake", "first/double", "adds-two"],
            "Did you mean `adds-one`?",
        ),
        (
            &["mistake", "first/double", "adds-one"],
            "block 1 (line 3, `number * 2`) is not in the answer",
        ),
        (
            &["mistake", "first/double", "Adds One", "--save", "wrong.rs"],
            "is no name of a mistake",
        ),
        (
            &["mistake", "first/double", "adds-one", "--save", "empty.rs"],
            "its first line should be",
        ),
        (
            &["mistake", "first/double", "adds-one", "--save", "none.rs"],
            "There is no file none.rs",
        ),
        (
            &["mistake", "first/nothing", "adds-one"],
            "There is no exercise `first/nothing`",
        ),
    ];
    for (arguments, sentence) in cases {
        let said = verify(&sample, arguments);
        assert!(
            fails(&said).contains(sentence),
            "{arguments:?}: {}",
            said.stderr
        );
        assert_eq!(said.stderr.trim().lines().count(), 1, "{}", said.stderr);
    }
}

#[test]
fn a_skeleton_is_listed_and_a_second_one_of_that_name_is_refused() {
    let sample = course();
    let arguments = [
        "new",
        "1",
        "running-average",
        "--kind",
        "build",
        "--title",
        "A mean",
    ];
    let said = succeeds(&sample, &arguments);
    assert!(said.contains("{{#exercise running-average}}"), "{said}");
    for file in [
        "exercises/01-first/src/running_average.rs",
        "exercises/01-first/checks/running_average.rs",
        "exercises/01-first/about/running_average.md",
        "solutions/01-first/src/running_average.rs",
    ] {
        assert!(Path::new(&sample.path(file)).is_file(), "{file}");
    }
    for parent in ["exercises", "solutions"] {
        let library = sample.read(&format!("{parent}/01-first/src/lib.rs"));
        assert!(library.contains("pub mod running_average;"), "{library}");
    }
    assert!(fails(&verify(&sample, &arguments)).contains("has an exercise `running_average`"));
    let kind = verify(&sample, &["new", "1", "other", "--kind", "hunt"]);
    assert!(fails(&kind).contains("it is one of predict, build, debug, apply, measure"));
}

#[test]
fn a_check_that_is_there_before_its_entry_is_kept() {
    let sample = course();
    let check = "exercises/01-first/checks/running_average.rs";
    sample.write(check, "// Written first.\n");
    let arguments = [
        "new",
        "1",
        "running-average",
        "--kind",
        "build",
        "--title",
        "A mean",
    ];
    let refused = verify(&sample, &arguments);
    let said = fails(&refused);
    assert!(
        said.contains("running_average.rs is there already"),
        "{said}"
    );
    assert_eq!(sample.read(check), "// Written first.\n");
}
