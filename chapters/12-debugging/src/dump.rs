//! Which tasks there are, and what each of them waits for.

use std::collections::BTreeSet;
use std::fmt;

use debugging::frames::Frame;
use debugging::warning::{Leaf, Place, Who};
use event_loop::TaskId;
use event_loop::leaf::Wait;

/// What a dump says of each task. See [`DebugMode::request_dump`](debugging::DebugMode::request_dump).
///
/// Its `Display` is a tree: below a task stand its awaits down to the leaf future, and below a leaf that
/// waits for another task stands that task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dump {
    /// The tasks, oldest first.
    pub tasks: Vec<Row>,
}

/// One task of a [`Dump`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The task.
    pub who: Who,
    /// The name that it gives itself, as with chapter 08's `named`.
    pub name: Option<String>,
    /// What it does.
    pub state: State,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It is suspended in these leaf futures: in more than one if it waits for several at once.
    Suspended(Vec<Leaf>),
    /// Its poll was pending, no future has kept its waker, and it was not woken: no event can wake it.
    Forgotten,
    /// No event had woken it, and the poll for this dump completed it: a wake was lost.
    LostWake,
    /// It completed in the poll for this dump, and had been woken before.
    Completed,
    /// It is being polled, and that poll has not returned.
    Running,
    /// It woke itself in its poll, and is polled again.
    Yields,
    /// It is a callback, which the loop has yet to call.
    Callback,
    /// The loop did not get round to asking it.
    NotAsked,
}

impl Dump {
    /// The tasks that wait for each other in a circle. Empty if there is none.
    #[must_use]
    pub fn circle(&self) -> Vec<TaskId> {
        let from = |row: &Row| self.circle_from(row.who.task);
        self.tasks.iter().find_map(from).unwrap_or_default()
    }

    fn circle_from(&self, first: TaskId) -> Option<Vec<TaskId>> {
        let mut path = vec![first];
        loop {
            match self.only_awaited(*path.last()?)? {
                next if next == first => return Some(path),
                next if path.contains(&next) => return None,
                next => path.push(next),
            }
        }
    }

    /// The one task that this one waits for, if it waits for nothing else.
    fn only_awaited(&self, task: TaskId) -> Option<TaskId> {
        let row = self.tasks.iter().find(|row| row.who.task == task)?;
        match row.leaves() {
            [leaf] => leaf.task(),
            _ => None,
        }
    }

    fn tree(&self) -> Vec<Node> {
        let awaited: BTreeSet<TaskId> = self
            .tasks
            .iter()
            .flat_map(|row| row.leaves().iter().filter_map(Leaf::task))
            .collect();
        let mut shown = BTreeSet::new();
        let roots = self
            .tasks
            .iter()
            .filter(|row| !awaited.contains(&row.who.task));
        let mut nodes: Vec<Node> = roots.map(|row| self.node(row, &mut shown)).collect();
        // Those that are left are awaited by each other.
        for row in &self.tasks {
            if !shown.contains(&row.who.task) {
                nodes.push(self.node(row, &mut shown));
            }
        }
        nodes
    }

    fn node(&self, row: &Row, shown: &mut BTreeSet<TaskId>) -> Node {
        let mut node = Node::new(row.heading());
        if !shown.insert(row.who.task) {
            node.text.push_str("  (shown above)");
            return node;
        }
        match &row.state {
            State::Suspended(leaves) => {
                for leaf in leaves {
                    self.add(&mut node, leaf, shown);
                }
            }
            state => node.children.push(Node::new(state.to_string())),
        }
        node
    }

    /// Adds the path of a leaf below a task. Paths that begin alike share their beginning.
    fn add(&self, task: &mut Node, leaf: &Leaf, shown: &mut BTreeSet<TaskId>) {
        let (last, awaits) = match leaf.path.split_last() {
            Some((last, awaits)) => (last.name.as_str(), awaits),
            None => ("a future", &[][..]),
        };
        let mut node = task;
        let mut of = None;
        for frame in awaits {
            node = node.child(frame, of);
            of = frame.child;
        }
        if let (Some(set), None) = (leaf.set(), &leaf.waits_for) {
            node.child(set, of); // Its futures stand below it.
            return;
        }
        let text = match &leaf.waits_for {
            Some(wait) => format!("{last}  waits for {wait}"),
            None => leaf.path.last().map_or(last.to_owned(), Frame::to_string),
        };
        let mut below = Node::new(text);
        let awaited = leaf
            .task()
            .and_then(|task| self.tasks.iter().find(|row| row.who.task == task));
        below
            .children
            .extend(awaited.map(|row| self.node(row, shown)));
        node.children.push(below);
    }
}

impl Row {
    fn heading(&self) -> String {
        let Who { task, origin } = &self.who;
        let mut heading = task.to_string();
        if let Some(name) = &self.name {
            heading.push_str(&format!(" “{name}”"));
        }
        if !origin.name().is_empty() {
            heading.push_str(&format!(" {}", origin.name()));
        }
        heading + &format!("  spawned at {}", Place(origin))
    }

    fn leaves(&self) -> &[Leaf] {
        match &self.state {
            State::Suspended(leaves) => leaves,
            _ => &[],
        }
    }
}

impl Leaf {
    /// The set, if it is no leaf but a set that keeps the waker for its futures.
    fn set(&self) -> Option<&Frame> {
        self.path.last().filter(|frame| frame.is_set())
    }

    fn task(&self) -> Option<TaskId> {
        match self.waits_for {
            Some(Wait::Task(task)) => Some(task),
            _ => None,
        }
    }
}

/// A line of the tree, and the lines below it.
struct Node {
    text: String,
    /// Which future of a set it is, if it stands below one.
    of: Option<u64>,
    children: Vec<Node>,
}

impl Node {
    fn new(text: String) -> Node {
        Node {
            text,
            of: None,
            children: Vec::new(),
        }
    }

    /// The last child, if it is this await; otherwise a new one.
    fn child(&mut self, frame: &Frame, of: Option<u64>) -> &mut Node {
        let text = frame.to_string();
        let is_it = |last: &Node| last.text == text && last.of == of;
        if !self.children.last().is_some_and(is_it) {
            let node = Node::new(text);
            self.children.push(Node { of, ..node });
        }
        self.children.last_mut().expect("it was pushed")
    }

    fn write(&self, out: &mut fmt::Formatter<'_>, margin: &str) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        for (place, child) in self.children.iter().enumerate() {
            let is_last = place + 1 == self.children.len();
            let (branch, below) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            write!(out, "{margin}{branch}")?;
            child.write(out, &format!("{margin}{below}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            State::Suspended(_) => "is suspended",
            State::Forgotten => "has kept its waker nowhere: nothing will wake it",
            State::LostWake => {
                "was ready and not woken: its wake was lost, if it did not come this very moment"
            }
            State::Yields => "woke itself, and is polled again",
            State::Completed => "has completed meanwhile",
            State::Running => "is being polled, and that poll has not returned",
            State::Callback => "is a callback that has yet to be called",
            State::NotAsked => "could not be asked",
        })
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tasks.len() {
            1 => writeln!(out, "1 task")?,
            tasks => writeln!(out, "{tasks} tasks")?,
        }
        for node in self.tree() {
            node.write(out, "")?;
        }
        match &self.circle()[..] {
            [] => Ok(()),
            [one] => writeln!(out, "{one} waits for itself"),
            circle => {
                let tasks: Vec<String> = circle.iter().map(TaskId::to_string).collect();
                writeln!(out, "a circle: {} → {}", tasks.join(" → "), tasks[0])
            }
        }
    }
}
