//! What the tasks of a stuck run hold and wait for, where the code under test or the check reports it.
//!
//! A run that is stuck is wrong because of what did not happen. So each [`Recorder::lacks`](crate::Recorder::lacks) asks the
//! explanation of its thread, and the verdict shows it below the run: a row for each task, and the tasks that wait for each other
//! in a circle joined by a line.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

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

impl Explanation {
    /// A row for each task. The tasks of a circle come last, in its order, joined by a line on their left, which is an arrow
    /// from the last to the first.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let chars = |(name, _): &(String, String)| name.chars().count();
        let width = self.tasks.iter().map(chars).max().unwrap_or(0);
        let margin = if self.circle.is_empty() { "" } else { "   " };
        let row =
            |line: &str, (task, text): &(String, String)| format!("{line}{task:width$}  {text}");
        let is_in_circle = |(task, _): &&(String, String)| self.circle.contains(task);
        let others = self.tasks.iter().filter(|task| !is_in_circle(task));
        let mut rows: Vec<String> = others.map(|task| row(margin, task)).collect();
        for (place, name) in self.circle.iter().enumerate() {
            let line = match place {
                _ if self.circle.len() == 1 => "⟲  ",
                0 => "┌▶ ",
                _ if place + 1 == self.circle.len() => "└─ ",
                _ => "│  ",
            };
            let task = self.tasks.iter().find(|(task, _)| task == name);
            rows.extend(task.map(|task| row(line, task)));
        }
        rows
    }
}

/// From now on, until the guard is dropped, a stuck run of this thread is explained so.
///
/// A check knows which code it judges and how that reports what it waits for; a simulated world knows when it is stuck.
pub fn explained_by(explain: impl Fn() -> Explanation + 'static) -> Explained {
    let explain: Explain = Rc::new(explain);
    EXPLAIN.set(Some(Rc::clone(&explain)));
    Explained { explain }
}

/// What this thread's tasks hold and wait for now, if a check says so.
#[must_use]
pub fn explanation() -> Option<Explanation> {
    let explain = EXPLAIN.with_borrow(Clone::clone)?;
    Some(explain())
}

/// See [`explained_by`].
#[must_use = "the explanation ends when it is dropped"]
pub struct Explained {
    explain: Explain,
}

impl Drop for Explained {
    fn drop(&mut self) {
        let is_this = |explain: &mut Explain| Rc::ptr_eq(explain, &self.explain);
        // A later explanation has taken its place.
        let gone = EXPLAIN.with_borrow_mut(|explain| explain.take_if(is_this));
        drop(gone);
    }
}

impl fmt::Debug for Explained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Explained")
    }
}

/// What the tasks hold and wait for that a check polls by hand. The check writes it down as it sees the outcome of a poll, with
/// [`Recorder::waits_for`](crate::Recorder::waits_for) and its neighbors.
///
/// It is about one thing that tasks share: the permits of a semaphore, the connections of a pool. A task that waits for it points
/// to those that hold some of it.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    tasks: Vec<Task>,
}

#[derive(Debug)]
struct Task {
    name: String,
    holds: Vec<String>,
    waits_for: Option<String>,
}

impl Holders {
    pub(crate) fn waits(&mut self, task: &str, what: String) {
        self.task(task).waits_for = Some(what);
    }

    pub(crate) fn holds(&mut self, task: &str, what: String) {
        let task = self.task(task);
        task.waits_for = None;
        task.holds.push(what);
    }

    pub(crate) fn stops_waiting(&mut self, task: &str) {
        self.task(task).waits_for = None;
    }

    pub(crate) fn returns(&mut self, task: &str, what: &str) {
        self.task(task).holds.retain(|held| held != what);
    }

    pub(crate) fn clear(&mut self) {
        self.tasks.clear();
    }

    fn task(&mut self, name: &str) -> &mut Task {
        let place = self.tasks.iter().position(|task| task.name == name);
        let place = place.unwrap_or_else(|| {
            self.tasks.push(Task {
                name: name.to_owned(),
                holds: Vec::new(),
                waits_for: None,
            });
            self.tasks.len() - 1
        });
        &mut self.tasks[place]
    }

    pub(crate) fn explanation(&self) -> Explanation {
        explain(&self.tasks)
    }
}

fn explain(tasks: &[Task]) -> Explanation {
    let holders = tasks.iter().filter(|task| !task.holds.is_empty());
    let holders: Vec<&str> = holders.map(|task| &*task.name).collect();
    let row = |task: &Task| {
        let mut parts = Vec::new();
        if !task.holds.is_empty() {
            parts.push(format!("holds {}", task.holds.join(" and ")));
        }
        if let Some(what) = &task.waits_for {
            let by = match &holders[..] {
                [] => ", which no task holds".to_owned(),
                [one] => format!(", which {one} holds"),
                several => format!(", which {} hold", several.join(" and ")),
            };
            parts.push(format!("waits for {what}{by}"));
        }
        (!parts.is_empty()).then(|| (task.name.clone(), parts.join(", ")))
    };
    Explanation {
        tasks: tasks.iter().filter_map(row).collect(),
        circle: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recorder;

    #[test]
    fn a_task_that_waits_points_to_those_that_hold() {
        let recorder = Recorder::default();
        recorder.waits_for("C", "a connection");
        recorder.lacks("C", "is not woken");
        assert_eq!(
            recorder.holders(),
            ["C  waits for a connection, which no task holds"]
        );
        recorder.holds("A", "connection 1");
        recorder.holds("writer 2", "connection 2");
        recorder.lacks("C", "is not woken");
        assert_eq!(
            recorder.holders(),
            [
                "C         waits for a connection, which A and writer 2 hold",
                "A         holds connection 1",
                "writer 2  holds connection 2",
            ]
        );
        recorder.returns("A", "connection 1");
        recorder.stops_waiting("C");
        recorder.lacks("C", "is not woken");
        assert_eq!(recorder.holders(), ["writer 2  holds connection 2"]);
    }

    #[test]
    fn a_circle_is_drawn_as_one() {
        let task = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let explanation = Explanation {
            tasks: vec![
                task("a", "holds 1, waits for 2, which b holds"),
                task("late", "waits for 1, which a holds"),
                task("b", "holds 2, waits for 1, which a holds"),
            ],
            circle: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(
            explanation.rows(),
            [
                "   late  waits for 1, which a holds",
                "┌▶ a     holds 1, waits for 2, which b holds",
                "└─ b     holds 2, waits for 1, which a holds",
            ]
        );
    }

    #[test]
    fn an_explanation_that_ends_leaves_a_later_one_in_place() {
        let says = |name: &'static str| {
            explained_by(move || Explanation {
                tasks: vec![(name.to_owned(), "waits".to_owned())],
                circle: Vec::new(),
            })
        };
        let first = says("first");
        let second = says("second");
        drop(first);
        let recorder = Recorder::default();
        recorder.lacks("second", "is not woken");
        assert_eq!(recorder.holders(), ["second  waits"]);
        drop(second);
        assert_eq!(explanation(), None);
    }
}
