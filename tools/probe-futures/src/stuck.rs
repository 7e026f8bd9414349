//! What the tasks of a stuck run hold and wait for, where the code under test reports it.

use probe::Recorder;
use probe::stuck::explanation;
pub use probe::stuck::{Explained, Explanation, explained_by};

/// Adds a line about this one task, and about those that it waits for, where an explanation was given.
pub(crate) fn note_if_explained(recorder: &Recorder, task: &str) {
    let Some(explanation) = explanation() else {
        return;
    };
    let others = explanation
        .tasks
        .into_iter()
        .filter(|(name, _)| name != task);
    let left = [task.to_owned()]
        .into_iter()
        .chain(others.map(|(name, _)| name));
    let _circle = note(recorder, &left.collect::<Vec<_>>(), Explanation::default());
}

/// Adds a line to a recording for each of the tasks that are left, and returns a sentence about a circle.
///
/// `seen` is what the simulated world itself knows. What the code under test [explains](explained_by) of a task says more, and comes
/// before it. A task about which nothing is known `waits`.
pub fn note(recorder: &Recorder, left: &[String], seen: Explanation) -> Option<String> {
    let mut explanation = explanation().unwrap_or_default();
    explanation.tasks.extend(seen.tasks);
    if explanation.circle.is_empty() {
        explanation.circle = seen.circle;
    }
    for task in left {
        let known = explanation.tasks.iter().find(|(name, _)| name == task);
        recorder.lacks(
            task,
            known.map_or("waits, and nothing will wake it", |(_, text)| text),
        );
    }
    // The rows stand in the run; below it they show the circle.
    let shown = match explanation.circle.len() {
        0 => Vec::new(),
        _ => explanation.rows(),
    };
    recorder.set_holders(shown);
    let circle = &explanation.circle;
    let last = circle.last()?;
    let steps: Vec<String> = circle
        .windows(2)
        .map(|pair| format!("{} waits for {}", pair[0], pair[1]))
        .chain([format!("{last} waits for {}", circle[0])])
        .collect();
    Some(format!(
        "They wait for each other in a circle: {}.",
        steps.join(", ")
    ))
}
