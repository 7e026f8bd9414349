//! Notifies by reference, and leaves the reference of the waker that was used up where it is.
//!
//! Deep: a waker made by hand.
#![allow(unsafe_code)]

use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// Something that can be told to go on.
pub trait Notify: Send + Sync + 'static {
    /// Somebody called the waker.
    fn notify(&self);
}

/// A waker that notifies `target`.
///
/// It does what `Waker::from(Arc<impl Wake>)` does, without it: the waker owns one reference of the
/// `Arc`, each clone owns one of its own, and each gives it back when it is dropped or used up.
/// When the last one is gone, and nobody else holds the `Arc`, so is the target.
pub fn waker_of<N: Notify>(target: Arc<N>) -> Waker {
    let data = Arc::into_raw(target).cast::<()>();
    // SAFETY: the functions of the table uphold the contract of `RawWaker` for a pointer that
    // `Arc::into_raw` made from an `Arc<N>`, of which the waker now owns the reference that was
    // given to `waker_of`. `Notify` asks for `Send + Sync`, so any thread may call them.
    unsafe { Waker::from_raw(RawWaker::new(data, table::<N>())) }
}

/// The four functions that make a pointer a waker. All of them may rely on this: the pointer came
/// from `Arc::into_raw`, and the waker that they are called for owns one reference of that `Arc`.
fn table<N: Notify>() -> &'static RawWakerVTable {
    &const {
        RawWakerVTable::new(
            clone_waker::<N>,
            wake::<N>,
            wake_by_ref::<N>,
            drop_waker::<N>,
        )
    }
}

/// Called by `Waker::clone`. The waker stays; what is returned becomes another waker for the same
/// target.
fn clone_waker<N: Notify>(data: *const ()) -> RawWaker {
    // SAFETY: the pointer came from `Arc::into_raw`, and the waker that is cloned keeps the target alive.
    unsafe { Arc::increment_strong_count(data.cast::<N>()) };
    RawWaker::new(data, table::<N>())
}

/// Called by `Waker::wake`. The waker is used up.
fn wake<N: Notify>(data: *const ()) {
    // ANCHOR: mistake
    // SAFETY: the pointer came from `Arc::into_raw`.
    unsafe { &*data.cast::<N>() }.notify();
    // ANCHOR_END: mistake
}

/// Called by `Waker::wake_by_ref`. The waker stays.
fn wake_by_ref<N: Notify>(data: *const ()) {
    // SAFETY: the waker stays, and keeps the target alive.
    unsafe { &*data.cast::<N>() }.notify();
}

/// Called when a waker is dropped without being used up.
fn drop_waker<N: Notify>(data: *const ()) {
    // SAFETY: the waker is gone, so its reference is ours.
    unsafe { Arc::decrement_strong_count(data.cast::<N>()) };
}
