//! Who holds what, and who waits for whom.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::leaf::{self, Wait};
use pin_project::pin_project;
use slab::Slab;

thread_local! {
    /// The name of the task that is being polled.
    static TASK: RefCell<Option<Rc<str>>> = const { RefCell::new(None) };
    /// What is known, while a graph is watched.
    static EDGES: RefCell<Option<Slab<Known>>> = const { RefCell::new(None) };
    static RESOURCES: Cell<u64> = const { Cell::new(0) };
}

/// An edge of the graph.
struct Known {
    task: Rc<str>,
    resource: Resource,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Holds,
    WaitsFor,
}

/// What the [named](fn@named) tasks of this thread hold and wait for, from [`watch`](WaitGraph::watch)
/// until this is dropped.
///
/// A task that waits for a resource points to the tasks that hold it. It can go on if one of them can. If
/// none of them can, the arrows form a circle of tasks that wait for each other: that is a **deadlock**.
///
/// ```
/// use futures::FutureExt;
/// use synchronization::wait_graph::named;
/// use synchronization::{Mutex, WaitGraph};
///
/// let graph = WaitGraph::watch();
/// let pen = Mutex::named("the pen", ());
/// let guard = named("a", pen.lock()).now_or_never();
/// let mut waits = Box::pin(named("b", pen.lock()));
/// assert!((&mut waits).now_or_never().is_none());
/// assert_eq!(
///     graph.to_string(),
///     "a  holds the pen\nb  waits for the pen, which a holds\n"
/// );
/// # drop(guard);
/// ```
#[must_use = "it watches until it is dropped"]
pub struct WaitGraph {
    /// It belongs to this thread.
    _local: PhantomData<Rc<()>>,
}

/// What one task holds and waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The task's name.
    pub task: String,
    /// The resources that it holds, in the order in which it got them.
    pub holds: Vec<String>,
    /// The resource that it waits for, and the tasks that hold it.
    pub waits_for: Option<(String, Vec<String>)>,
}

impl WaitGraph {
    /// Begins to watch. What was held before is not known.
    pub fn watch() -> WaitGraph {
        EDGES.set(Some(Slab::new()));
        WaitGraph {
            _local: PhantomData,
        }
    }

    /// What each task holds and waits for, in the order of the tasks' names.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        rows()
    }

    /// Tasks that wait for each other in a circle, and cannot go on: each waits for the next one, and the
    /// last for the first. Empty if there is no such circle, also where a circle has a way out: a resource
    /// of it is held by another task that can go on.
    #[must_use]
    pub fn circle(&self) -> Vec<String> {
        let rows = stuck(rows());
        let circles = rows.iter().map(|row| circle_from(&rows, row));
        // Of circles that are equally long, the one that begins with the first name.
        circles.rev().max_by_key(Vec::len).unwrap_or_default()
    }
}

impl Drop for WaitGraph {
    fn drop(&mut self) {
        EDGES.set(None);
    }
}

fn rows() -> Vec<Row> {
    EDGES.with_borrow(|edges| {
        let Some(edges) = edges else {
            return Vec::new();
        };
        let edges: Vec<&Known> = edges.iter().map(|(_, edge)| edge).collect();
        let mut tasks: Vec<&Rc<str>> = edges.iter().map(|edge| &edge.task).collect();
        tasks.sort();
        tasks.dedup();
        tasks.into_iter().map(|task| row(&edges, task)).collect()
    })
}

fn row(edges: &[&Known], task: &Rc<str>) -> Row {
    let of = |kind: Kind| {
        edges
            .iter()
            .filter(move |edge| edge.task == *task && edge.kind == kind)
    };
    let holders = |resource: &Resource| {
        edges
            .iter()
            .filter(|edge| edge.kind == Kind::Holds && edge.resource.number == resource.number)
            .map(|edge| edge.task.to_string())
            .collect()
    };
    Row {
        task: task.to_string(),
        holds: of(Kind::Holds)
            .map(|edge| edge.resource.to_string())
            .collect(),
        waits_for: of(Kind::WaitsFor)
            .next()
            .map(|edge| (edge.resource.to_string(), holders(&edge.resource))),
    }
}

/// The tasks that cannot go on: each waits, and so does every task that holds what it waits for.
fn stuck(mut rows: Vec<Row>) -> Vec<Row> {
    loop {
        let waits: Vec<String> = rows.iter().map(|row| row.task.clone()).collect();
        rows.retain(|row| {
            let holders = row.waits_for.as_ref().map(|(_, holders)| holders);
            holders.is_some_and(|holders| {
                !holders.is_empty() && holders.iter().all(|holder| waits.contains(holder))
            })
        });
        if rows.len() == waits.len() {
            return rows;
        }
    }
}

/// A way along the arrows from a task back to it. Each task is visited once: a task from which no arrow
/// leads back on one way leads back on no other.
fn circle_from(rows: &[Row], first: &Row) -> Vec<String> {
    // The tasks on the way, each with those of its holders that have not been tried.
    let mut way = vec![(first, holders_of(first))];
    let mut seen = vec![&first.task];
    while let Some((_, untried)) = way.last_mut() {
        let Some(holder) = untried.pop() else {
            way.pop();
            continue;
        };
        if *holder == first.task {
            return way.iter().map(|(row, _)| row.task.clone()).collect();
        }
        let next = rows.iter().find(|row| row.task == *holder);
        if let Some(next) = next.filter(|next| !seen.contains(&&next.task)) {
            seen.push(&next.task);
            way.push((next, holders_of(next)));
        }
    }
    Vec::new()
}

/// The tasks that a row points to, the first one last.
fn holders_of(row: &Row) -> Vec<&String> {
    let waits_for = row.waits_for.iter();
    waits_for.flat_map(|(_, holders)| holders).rev().collect()
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.holds.is_empty() {
            write!(out, "holds {}", self.holds.join(", "))?;
        }
        let Some((resource, holders)) = &self.waits_for else {
            return Ok(());
        };
        if !self.holds.is_empty() {
            out.write_str(", ")?;
        }
        write!(out, "waits for {resource}")?;
        match &holders[..] {
            [] => out.write_str(", which no task holds"),
            [one] => write!(out, ", which {one} holds"),
            several => write!(out, ", which {} hold", several.join(" and ")),
        }
    }
}

/// One line for each task. The tasks of a circle come last, in its order, joined by a line on their left.
impl fmt::Display for WaitGraph {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let width = rows.iter().map(|row| row.task.len()).max().unwrap_or(0);
        let circle = self.circle();
        let margin = if circle.is_empty() { "" } else { "   " };
        for row in rows.iter().filter(|row| !circle.contains(&row.task)) {
            writeln!(out, "{margin}{:width$}  {row}", row.task)?;
        }
        for (place, task) in circle.iter().enumerate() {
            let line = match place {
                0 => "┌▶ ",
                _ if place + 1 == circle.len() => "└─ ",
                _ => "│  ",
            };
            for row in rows.iter().filter(|row| row.task == *task) {
                writeln!(out, "{line}{task:width$}  {row}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for WaitGraph {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.rows()).finish()
    }
}

// ANCHOR: resource
/// Something that tasks hold and wait for, as a lock reports it. A clone is the same resource.
///
/// While no graph is watched, or the running task has no name, reporting only reads a thread-local
/// variable.
#[derive(Clone)]
pub struct Resource {
    number: u64,
    name: Rc<str>,
}

impl Resource {
    /// A resource with this name.
    #[must_use]
    pub fn new(name: &str) -> Resource {
        RESOURCES.set(RESOURCES.get() + 1);
        Resource {
            number: RESOURCES.get(),
            name: name.into(),
        }
    }

    /// The running task waits for it, until the edge is dropped.
    pub fn waits(&self) -> Edge {
        self.edge(Kind::WaitsFor)
    }

    /// The running task holds it, until the edge is dropped.
    pub fn held(&self) -> Edge {
        self.edge(Kind::Holds)
    }
    // ANCHOR_END: resource

    /// What a task that waits for it waits for, in the words of a dump: its name, and the tasks that hold
    /// it, as far as a graph is watched.
    #[must_use]
    pub fn wait(&self) -> Wait {
        let holders: Vec<String> = EDGES.with_borrow(|edges| {
            let edges = edges.iter().flatten().map(|(_, edge)| edge);
            let holds =
                |edge: &&Known| edge.kind == Kind::Holds && edge.resource.number == self.number;
            let holders = edges.filter(holds);
            holders.map(|edge| edge.task.to_string()).collect()
        });
        Wait::Other(match &holders[..] {
            [] => self.to_string(),
            holders => format!("{self}, held by {}", holders.join(" and ")),
        })
    }

    /// Waits for a future of this resource, and reports both: that the running task waits for it, and then
    /// that it holds it. For a lock that reports nothing itself.
    pub async fn take<F: Future>(&self, future: F) -> Held<F::Output> {
        let waits = self.waits();
        let value = future.await;
        drop(waits);
        Held {
            value,
            _edge: self.held(),
        }
    }

    fn edge(&self, kind: Kind) -> Edge {
        let task = TASK.with_borrow(Clone::clone);
        let known = task.map(|task| Known {
            task,
            resource: self.clone(),
            kind,
        });
        EDGES.with_borrow_mut(|edges| Edge {
            key: edges
                .as_mut()
                .zip(known)
                .map(|(edges, known)| edges.insert(known)),
        })
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Resource").field(&self.name).finish()
    }
}

/// An arrow between a task and a resource. Dropping it removes the arrow.
#[derive(Debug)]
#[must_use = "dropping it removes the arrow"]
pub struct Edge {
    key: Option<usize>,
}

impl Drop for Edge {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let known = EDGES.with_borrow_mut(|edges| edges.as_mut()?.try_remove(key));
        drop(known);
    }
}

/// See [`Resource::take`].
#[derive(Debug)]
pub struct Held<T> {
    value: T,
    _edge: Edge,
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// Gives the task that polls this future a name, for as long as it polls.
pub fn named<F: Future>(name: &str, future: F) -> Named<F> {
    Named {
        future,
        name: name.into(),
    }
}

/// See [`named`](fn@named).
#[pin_project]
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Named<F> {
    #[pin]
    future: F,
    name: Rc<str>,
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        leaf::name_task(this.name);
        let _inner = Running::begin(this.name);
        this.future.poll(context)
    }
}

/// The outer name comes back when the poll ends, also by a panic.
struct Running {
    outer: Option<Rc<str>>,
}

impl Running {
    fn begin(name: &Rc<str>) -> Running {
        Running {
            outer: TASK.replace(Some(Rc::clone(name))),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        TASK.set(self.outer.take());
    }
}
