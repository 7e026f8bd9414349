//! Snapshots as insta stores them: a header between two lines of dashes, and then the text.

use crate::course::Exercise;
use crate::files;

/// The lines of the snapshot called `name`, without its header.
#[must_use]
pub fn lines(exercise: &Exercise, name: &str) -> Option<Vec<String>> {
    let path = exercise
        .checks_folder()
        .join("snapshots")
        .join(format!("{name}.snap"));
    let text = files::read_text(&path).ok()?;
    Some(
        body(&files::normalise(&text))
            .lines()
            .map(str::to_owned)
            .collect(),
    )
}

/// What follows the header.
#[must_use]
pub fn body(snapshot: &str) -> &str {
    let after = |text: &'_ str| text.find("\n---\n").map(|at| at + "\n---\n".len());
    match snapshot.strip_prefix("---") {
        Some(_) => after(snapshot).map_or("", |start| &snapshot[start..]),
        None => snapshot,
    }
}
