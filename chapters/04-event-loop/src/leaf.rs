//! What a leaf future waits for, for a dump of the tasks.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::{Poll, Waker};

use event_loop::{TaskId, Time};

thread_local! {
    /// What the poll in progress asks of the leaves.
    static MODE: Cell<Mode> = const { Cell::new(Mode::Quiet) };
    /// What the leaves wait for that were pending in a poll that notes it.
    static PENDING: RefCell<Vec<Wait>> = const { RefCell::new(Vec::new()) };
    /// What the innermost leaf that is being polled waits for.
    static ANSWER: RefCell<Option<Wait>> = const { RefCell::new(None) };
    /// Which futures of sets are being polled for a dump, the outermost first.
    static CHILDREN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    /// The name that the task has, if it says so.
    static NAME: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes a waker that notes its clones, and passes each wake on to this one.
pub type NoteClones = fn(&Waker) -> Waker;

/// What a poll asks of the leaves.
#[derive(Clone, Copy)]
enum Mode {
    /// Nothing, as in a program that no observer watches.
    Quiet,
    /// What those that are pending wait for: [`noting_waits`].
    Noted,
    /// What each waits for that clones its waker: [`asking`].
    Asked(NoteClones),
}

/// What the poll of a leaf returns: it says whether the leaf waits.
pub trait Waits {
    /// Whether the leaf is pending.
    fn waits(&self) -> bool;
}

impl<T> Waits for Poll<T> {
    fn waits(&self) -> bool {
        self.is_pending()
    }
}

/// The waker that a leaf keeps.
impl Waits for Waker {
    fn waits(&self) -> bool {
        true
    }
}

/// Whether the leaf is still registered.
impl Waits for bool {
    fn waits(&self) -> bool {
        *self
    }
}

/// What a leaf future waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// The loop's clock shows this time.
    Timer(Time),
    /// This task of the same loop completes.
    Task(TaskId),
    /// Anything else, in words: `TcpStream { fd: 9 } is readable`.
    Other(String),
}

// ANCHOR: waits_for
/// Polls a **leaf future**: one that keeps the waker itself, and awaits no other future. If a dump asks,
/// `what` says what it waits for; otherwise `what` is not called, and this reads one thread-local
/// variable.
///
/// A leaf that does not use this still appears in a dump, with its type and its line.
#[inline]
pub fn waits_for<R: Waits>(what: impl FnOnce() -> Wait, poll: impl FnOnce() -> R) -> R {
    // `poll` is called in one place, so that the compiler inlines it there.
    let watched = match MODE.get() {
        Mode::Quiet => None,
        Mode::Noted | Mode::Asked(_) => Some(Watched::begin(what())),
    };
    let polled = poll();
    if let Some(watched) = watched {
        watched.end(polled.waits());
    }
    polled
}
// ANCHOR_END: waits_for

/// A leaf is being polled for a dump, until this is dropped, also by a panic.
enum Watched {
    /// What it waits for, if it is pending.
    Noted(Wait),
    /// The answer of the leaf around it.
    Asked(Option<Wait>),
}

impl Watched {
    #[cold]
    fn begin(wait: Wait) -> Watched {
        match MODE.get() {
            Mode::Asked(_) => Watched::Asked(ANSWER.replace(Some(wait))),
            Mode::Quiet | Mode::Noted => Watched::Noted(wait),
        }
    }

    #[cold]
    fn end(mut self, waits: bool) {
        if waits && let Watched::Noted(wait) = &mut self {
            let wait = mem::replace(wait, Wait::Timer(Time::END));
            PENDING.with_borrow_mut(|pending| pending.push(wait));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Watched::Asked(outer) = self {
            ANSWER.set(outer.take());
        }
    }
}

#[cold]
fn answered<R>(wait: Option<Wait>, poll: impl FnOnce() -> R) -> R {
    let outer = ANSWER.replace(wait);
    let polled = catch_unwind(AssertUnwindSafe(poll));
    ANSWER.set(outer);
    polled.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Whether no dump asks what the leaves wait for. A leaf with a short poll asks first, and calls [`waits_for`]
/// only if one does: then what `waits_for` keeps meanwhile costs the short poll nothing.
#[inline]
#[must_use]
pub fn is_quiet() -> bool {
    matches!(MODE.get(), Mode::Quiet)
}

// ANCHOR: sets
/// Whether the poll in progress is made for a dump. A **set**, which gives each of its futures a waker of
/// its own, polls those that were not woken, too, if it is. So they say what they wait for.
#[inline]
#[must_use]
pub fn is_asked() -> bool {
    matches!(MODE.get(), Mode::Asked(_))
}

/// Polls a future of a set with its own waker. If a dump asks, its clones of the waker are noted. `number`
/// tells it from the other futures of the set.
#[inline]
pub fn poll_child<R>(number: u64, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
    match MODE.get() {
        Mode::Quiet | Mode::Noted => poll(waker),
        Mode::Asked(note) => noted_child(number, &note(waker), poll),
    }
}
// ANCHOR_END: sets

/// The child's name is not the task's.
#[cold]
fn noted_child<R>(number: u64, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
    let _child = Child::begin(number);
    answered(None, || poll(waker))
}

/// A future of a set is being polled, until this is dropped, also by a panic.
struct Child {
    name: Option<String>,
}

impl Child {
    fn begin(number: u64) -> Child {
        CHILDREN.with_borrow_mut(|children| children.push(number));
        Child { name: NAME.take() }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        NAME.set(self.name.take());
        CHILDREN.with_borrow_mut(Vec::pop);
    }
}

/// The numbers of the futures of sets that are being polled, the outermost first.
#[must_use]
pub fn children() -> Vec<u64> {
    CHILDREN.with_borrow(Clone::clone)
}

/// The task that is being polled has this name, for a dump.
#[inline]
pub fn name_task(name: &str) {
    if is_asked() {
        NAME.set(Some(name.to_owned()));
    }
}

/// The name that the task gave itself in the last poll for a dump.
#[must_use]
pub fn take_name() -> Option<String> {
    NAME.take()
}

/// Makes a poll in which leaves are asked what they wait for. `note` makes the wakers with which sets poll
/// their futures.
pub fn asking<R>(note: NoteClones, poll: impl FnOnce() -> R) -> R {
    in_mode(Mode::Asked(note), poll)
}

/// Makes a poll, and returns also what the leaves wait for that were pending in it. It neither changes what
/// is polled nor with which waker.
pub fn noting_waits<R>(poll: impl FnOnce() -> R) -> (R, Vec<Wait>) {
    let outer = PENDING.take();
    let polled = catch_unwind(AssertUnwindSafe(|| in_mode(Mode::Noted, poll)));
    let waits = PENDING.replace(outer);
    (polled.unwrap_or_else(|panic| resume_unwind(panic)), waits)
}

fn in_mode<R>(mode: Mode, poll: impl FnOnce() -> R) -> R {
    let outer = MODE.replace(mode);
    let polled = catch_unwind(AssertUnwindSafe(poll));
    MODE.set(outer);
    polled.unwrap_or_else(|panic| resume_unwind(panic))
}

/// What the leaf waits for that is being polled now: for a waker that notes which future clones it.
#[must_use]
pub fn answer() -> Option<Wait> {
    ANSWER.with_borrow(Clone::clone)
}

impl fmt::Display for Wait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Timer(when) => write!(out, "a timer, due at {when}"),
            Wait::Task(task) => task.fmt(out),
            Wait::Other(what) => out.write_str(what),
        }
    }
}
