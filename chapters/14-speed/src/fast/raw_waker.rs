//! The four functions of a waker that points to a [`TaskBlock`].
//!
//! `Waker::from(Arc<…>)` makes such functions too, and theirs count in the `Arc`. These count in the block.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::task_block::{Queue, TaskBlock};
use crate::sync::Arc;

/// The waker of this block. The caller has counted it.
#[inline]
pub(super) fn of_block<Q: Queue>(block: &Arc<TaskBlock<Q>>) -> Waker {
    let data = Arc::as_ptr(block).cast();
    // SAFETY: `RawWaker` asks for four functions that fit `data`, and may be called from any thread. The
    // block is `Send` and `Sync`, because `Queue` asks for both. It lives as long as a waker that was
    // counted: the keeper holds an `Arc` of it until the task ends, and leaves it to the wakers then
    // (`give_to_wakers`). The caller has counted this waker, and `release` counts it down once.
    unsafe { Waker::new(data, functions::<Q>()) }
}

/// Leaves the keeper's `Arc` to the wakers that are left: the last one drops it.
pub(super) fn give_to_wakers<Q: Queue>(block: Arc<TaskBlock<Q>>) {
    let _ = Arc::into_raw(block);
}

/// A waker that is not counted, for the time of a poll.
pub(crate) struct Lent<'a> {
    waker: ManuallyDrop<Waker>,
    _block: &'a (),
}

impl<'a> Lent<'a> {
    /// The waker of a block that the caller holds meanwhile.
    #[inline]
    pub(crate) fn of<Q: Queue>(block: &'a Arc<TaskBlock<Q>>) -> Lent<'a> {
        // Not dropped, so not counted: the borrow holds the block for as long.
        Lent {
            waker: ManuallyDrop::new(of_block(block)),
            _block: &(),
        }
    }
}

impl Deref for Lent<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

fn functions<Q: Queue>() -> &'static RawWakerVTable {
    &const { RawWakerVTable::new(clone::<Q>, wake::<Q>, wake_by_ref::<Q>, release::<Q>) }
}

/// # Safety
///
/// `data` comes from [`of_block`] with the same `Q`, and the waker has not been released.
#[inline]
unsafe fn block<'a, Q: Queue>(data: *const ()) -> &'a TaskBlock<Q> {
    // SAFETY: the caller's promise; and `of_block` says why the block lives as long as the waker.
    unsafe { &*data.cast() }
}

unsafe fn clone<Q: Queue>(data: *const ()) -> RawWaker {
    // SAFETY: `Waker` calls this with the data of a waker that lives.
    unsafe { block::<Q>(data) }.add();
    RawWaker::new(data, functions::<Q>())
}

unsafe fn wake<Q: Queue>(data: *const ()) {
    // SAFETY: `Waker` calls this with the data of a waker that lives.
    if unsafe { block::<Q>(data) }.wake_here(1) {
        return; // Counted down, too. The loop keeps the block.
    }
    // SAFETY: the same; and `wake_here` has not counted the waker down.
    unsafe { wake_elsewhere::<Q>(data) }
}

/// # Safety
///
/// As [`wake`].
#[inline(never)]
unsafe fn wake_elsewhere<Q: Queue>(data: *const ()) {
    /// Also if an observer panics in the wake.
    struct Release<Q: Queue>(*const (), std::marker::PhantomData<Q>);

    impl<Q: Queue> Drop for Release<Q> {
        fn drop(&mut self) {
            // SAFETY: `wake_elsewhere` below made it of a waker that `Waker` gives up.
            unsafe { release::<Q>(self.0) }
        }
    }

    let _release = Release::<Q>(data, std::marker::PhantomData);
    // SAFETY: `Waker` calls this with the data of a waker that lives, and releases it by this call.
    unsafe { block::<Q>(data) }.wake();
}

unsafe fn wake_by_ref<Q: Queue>(data: *const ()) {
    // SAFETY: `Waker` calls this with the data of a waker that lives.
    unsafe { block::<Q>(data) }.wake();
}

unsafe fn release<Q: Queue>(data: *const ()) {
    // SAFETY: `Waker` calls this once for each waker, and not after that.
    let last = unsafe { block::<Q>(data) }.subtract();
    if last {
        // SAFETY: `subtract` says that this was the last waker of a task that has ended. So the keeper has
        // left its `Arc` by `give_to_wakers`, and no other waker takes it.
        drop(unsafe { Arc::from_raw(data.cast::<TaskBlock<Q>>()) });
    }
}
