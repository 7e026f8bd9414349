//! Deep: a waker made by hand.
#![allow(unsafe_code)]

// YOURS
use std::mem::ManuallyDrop;
// YOURS_END
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

// ANCHOR: functions
/// Called by `Waker::clone`. The waker stays; what is returned becomes another waker for the same
/// target.
fn clone_waker<N: Notify>(data: *const ()) -> RawWaker {
    // YOURS
    // SAFETY: the pointer came from `Arc::into_raw`, and the waker that is being cloned keeps the
    // target alive during this call. The new reference belongs to the waker that is returned.
    unsafe { Arc::increment_strong_count(data.cast::<N>()) };
    RawWaker::new(data, table::<N>())
    // STUB: todo!("another waker, which owns a reference of its own")
    // YOURS_END
}

/// Called by `Waker::wake`. The waker is used up.
fn wake<N: Notify>(data: *const ()) {
    // YOURS
    // SAFETY: the waker is used up by this call, so its reference is ours to give back, which
    // dropping the `Arc` does.
    let target = unsafe { Arc::from_raw(data.cast::<N>()) };
    target.notify();
    // STUB: todo!("notify, and give the reference back")
    // YOURS_END
}

/// Called by `Waker::wake_by_ref`. The waker stays.
fn wake_by_ref<N: Notify>(data: *const ()) {
    // YOURS
    // SAFETY: the waker stays, and keeps its reference: `ManuallyDrop` sees to it that this `Arc`
    // gives none back.
    let target = unsafe { ManuallyDrop::new(Arc::from_raw(data.cast::<N>())) };
    target.notify();
    // STUB: todo!("notify, and leave the reference where it is")
    // YOURS_END
}

/// Called when a waker is dropped without being used up.
fn drop_waker<N: Notify>(data: *const ()) {
    // YOURS
    // SAFETY: the waker is gone after this call, so its reference is ours to give back.
    drop(unsafe { Arc::from_raw(data.cast::<N>()) });
    // STUB: todo!("give the reference back")
    // YOURS_END
}
// ANCHOR_END: functions
