//! A waker that notes which futures keep it.
//!
//! A future that waits clones its waker, and the clone happens inside its `poll`. So the stack of that
//! moment shows the whole path from the task down to that future.
#![allow(unsafe_code)]

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use event_loop::leaf::{self, Wait};

thread_local! {
    /// The clones of the poll in progress, if they are noted.
    static NOTES: RefCell<Option<Vec<Note>>> = const { RefCell::new(None) };
}

/// One clone of the waker.
#[derive(Clone)]
pub(crate) struct Note {
    pub(crate) backtrace: Arc<Backtrace>,
    /// What the future that made it waits for, if it says so.
    pub(crate) waits_for: Option<Wait>,
    /// Which futures of sets it is in, the outermost first.
    pub(crate) children: Vec<u64>,
}

/// What [`noting`] saw.
pub(crate) struct Noted<R> {
    pub(crate) output: R,
    pub(crate) notes: Vec<Note>,
    /// The name that the task gave itself.
    pub(crate) name: Option<String>,
    /// How many clones were left when the poll had returned.
    pub(crate) kept: usize,
}

/// Calls `poll` with a waker that notes its clones, and that passes each wake on to `next`.
#[inline(never)]
pub(crate) fn noting<R>(next: &Waker, poll: impl FnOnce(&Waker) -> R) -> Noted<R> {
    let target = Arc::new(next.clone());
    let lent = waker_of(Arc::clone(&target));
    let outer = Outer(NOTES.replace(Some(Vec::new())));
    let output = leaf::asking(note_clones, || poll(&lent));
    let notes = NOTES.take().unwrap_or_default();
    drop(outer);
    drop(lent);
    Noted {
        output,
        notes,
        name: leaf::take_name(),
        kept: Arc::strong_count(&target) - 1,
    }
}

fn note_clones(waker: &Waker) -> Waker {
    waker_of(Arc::new(waker.clone()))
}

/// Comes back when the poll ends, also by a panic.
struct Outer(Option<Vec<Note>>);

impl Drop for Outer {
    fn drop(&mut self) {
        let notes = NOTES.replace(self.0.take());
        drop(notes);
    }
}

fn waker_of(target: Arc<Waker>) -> Waker {
    let data = Arc::into_raw(target).cast();
    // SAFETY: the functions of `TABLE` uphold the contract of `RawWaker` for a pointer that
    // `Arc::into_raw` made from an `Arc<Waker>`, of which this waker owns one reference. `Waker` is
    // `Send` and `Sync`.
    unsafe { Waker::from_raw(RawWaker::new(data, &TABLE)) }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

// ANCHOR: clone
/// The name is looked for in backtraces: see [`frames`](crate::frames).
#[inline(never)]
fn clone(data: *const ()) -> RawWaker {
    let target = ManuallyDrop::into_inner(borrow(data).clone());
    if NOTES.with_borrow(Option::is_some) {
        // Made while nothing is borrowed.
        let note = Note {
            backtrace: Arc::new(Backtrace::force_capture()),
            waits_for: leaf::answer(),
            children: leaf::children(),
        };
        NOTES.with_borrow_mut(|notes| notes.get_or_insert_default().push(note));
    }
    RawWaker::new(Arc::into_raw(target).cast(), &TABLE)
}
// ANCHOR_END: clone

fn wake(data: *const ()) {
    // SAFETY: this call consumes the waker, and with it the one reference that the waker owns.
    let target = unsafe { Arc::from_raw(data.cast::<Waker>()) };
    target.wake_by_ref();
}

fn wake_by_ref(data: *const ()) {
    borrow(data).wake_by_ref();
}

fn drop_waker(data: *const ()) {
    // SAFETY: the waker ends with this call, which releases its one reference.
    drop(unsafe { Arc::from_raw(data.cast::<Waker>()) });
}

/// The target of a waker that stays.
fn borrow(data: *const ()) -> ManuallyDrop<Arc<Waker>> {
    // SAFETY: only the table calls this, for a waker that owns one reference. `ManuallyDrop` leaves it
    // that reference.
    ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Waker>()) })
}
