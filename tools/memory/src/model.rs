//! shuttle, which the checks of chapter 03 use: the same code under hundreds of interleavings of its threads.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use course::course::Course;

use crate::result::Line;

const TOOL: &str = "shuttle";

/// Answers that are checked under the model.
const MODELLED: [&str; 5] = ["alarm", "block-on", "oneshot", "latch", "atomic-waker"];

/// One that is broken in a way that only an unlucky moment shows, for three of them.
const BROKEN: [(&str, &str, &str); 3] = [
    (
        "a look before the registration",
        "oneshot",
        "check-then-register",
    ),
    ("a sleep with work to do", "block-on", "slept-with-work"),
    (
        "a wake lost at the cell",
        "atomic-waker",
        "wake-lost-at-the-cell",
    ),
];

/// The answers must pass their checks; what is broken must be refused.
pub(crate) fn run(course: &Course) -> Result<Vec<Line>> {
    let root = &course.root;
    let mut lines = vec![judge(
        root,
        "the answers",
        &[&MODELLED[..], &["--solution"]].concat(),
        false,
    )];
    for (subject, exercise, name) in BROKEN {
        let file = crate::mistake(course, exercise, name)?;
        lines.push(judge(root, subject, &[exercise, "--with", &file], true));
    }
    Ok(lines)
}

fn judge(root: &Path, subject: &str, arguments: &[&str], broken: bool) -> Line {
    let output = Command::new("cargo")
        .args(["learn", "check"])
        .args(arguments)
        .arg("--json")
        .current_dir(root)
        .output();
    match output {
        Ok(output) => match output.status.code() {
            Some(0) => Line::judged(TOOL, subject, broken, None),
            Some(1) => {
                let said = String::from_utf8_lossy(&output.stdout);
                Line::judged(TOOL, subject, broken, Some(mistakes(&said)))
            }
            _ => Line::skipped(
                TOOL,
                "the checks cannot be run: `cargo learn check oneshot --solution` says why",
            ),
        },
        Err(error) => Line::skipped(TOOL, &format!("cargo cannot be started: {error}")),
    }
}

/// The names of the mistakes in a JSON document of verdicts.
fn mistakes(json: &str) -> String {
    let names: Vec<&str> = json
        .split("\"mistake\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    if names.is_empty() {
        "refused, without a name".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_mistakes_are_read_from_the_verdicts() {
        assert_eq!(
            mistakes(r#"[{"id":"a/b","mistake":"bare-park"},{"mistake":null}]"#),
            "bare-park"
        );
        assert_eq!(mistakes(r#"[{"mistake":null}]"#), "refused, without a name");
    }
}
