//! What the tasks of a stuck run hold and wait for, where the code under test reports it.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use probe::Recorder;

thread_local! {
    static EXPLAIN: RefCell<Option<Explain>> = const { RefCell::new(None) };
}

type Explain = Rc<dyn Fn() -> Explanation>;

/// Why no task can go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// For a task, by its name, what it holds and what it waits for: `holds fork 1, waits for fork 2, which b holds`.
    pub tasks: Vec<(String, String)>,
    /// The tasks that wait for each other in a circle, if there are any.
    pub circle: Vec<String>,
}

/// From now on, until the guard is dropped, a stuck run of this thread is explained so.
///
/// A check knows which code it judges and how that reports what it waits for; a simulated world knows when it is stuck.
pub fn explained_by(explain: impl Fn() -> Explanation + 'static) -> Explained {
    EXPLAIN.set(Some(Rc::new(explain)));
    Explained { _private: () }
}

/// See [`explained_by`].
#[must_use = "the explanation ends when it is dropped"]
pub struct Explained {
    _private: (),
}

impl Drop for Explained {
    fn drop(&mut self) {
        drop(EXPLAIN.take());
    }
}

impl fmt::Debug for Explained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Explained")
    }
}

/// Adds a line about this one task, and about those that it waits for, where an explanation was given.
pub(crate) fn note_if_explained(recorder: &Recorder, task: &str) {
    let Some(explain) = EXPLAIN.with_borrow(Clone::clone) else {
        return;
    };
    let explanation = explain();
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
    let explain = EXPLAIN.with_borrow(Clone::clone);
    let mut explanation = explain.map(|explain| explain()).unwrap_or_default();
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
