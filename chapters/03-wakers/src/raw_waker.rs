//! Deep: a waker made by hand.
#![allow(unsafe_code)]

// YOURS
use std::mem::ManuallyDrop;
// YOURS_END
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// The target of a waker.
pub trait Notify: Send + Sync + 'static {
    /// Called once for each call of `wake` or `wake_by_ref`.
    fn notify(&self);
}

/// Returns a waker that notifies `target`.
///
/// It does what `Waker::from(Arc<impl Wake>)` does, without it. The waker owns one reference of the
/// `Arc`, and each clone owns one of its own. `drop` and `wake` release the reference of the waker
/// that they end. The target is dropped when the last waker and the last `Arc` elsewhere are gone.
///
/// All wakers may also share one reference of the `Arc` and count themselves: then the last waker
/// releases it.
///
/// # Panics
///
/// Calling the waker panics if `notify` panics. The references are then the same as after a call
/// that returned: `wake` has released one, `wake_by_ref` none.
pub fn waker_of<N: Notify>(target: Arc<N>) -> Waker {
    let data = Arc::into_raw(target).cast::<()>();
    // SAFETY: the functions of the table uphold the contract of `RawWaker` for a pointer that
    // `Arc::into_raw` made from an `Arc<N>`, of which the waker now owns the reference that was
    // given to `waker_of`. `Notify` asks for `Send + Sync`, so any thread may call them.
    unsafe { Waker::from_raw(RawWaker::new(data, table::<N>())) }
}

/// The four functions that make a pointer a waker. They are called only through this table, by a
/// waker that [`waker_of`] or `clone_waker` made, and never directly: with another pointer they
/// would be unsound, although the compiler lets any code call them.
///
/// Each may rely on this: its pointer is the one in the `RawWaker`, here from `Arc::into_raw`, and
/// the waker that it is called for has not ended. In the reference that waker owns one reference of
/// the `Arc`. If your wakers share one reference, the record that counts them is alive as long.
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
/// Called by `Waker::clone`, for a waker that stays and keeps the target alive. The `RawWaker` that
/// this returns becomes another waker of the same target.
fn clone_waker<N: Notify>(data: *const ()) -> RawWaker {
    // YOURS
    // SAFETY: the pointer came from `Arc::into_raw`, and the waker that is being cloned keeps the
    // target alive during this call. The new reference belongs to the returned waker.
    unsafe { Arc::increment_strong_count(data.cast::<N>()) };
    RawWaker::new(data, table::<N>())
    // STUB: todo!("another waker, which owns a reference of its own")
    // YOURS_END
}

/// Called by `Waker::wake`, for a waker that ends with this call: `drop_waker` is not called after
/// it.
fn wake<N: Notify>(data: *const ()) {
    // YOURS
    // SAFETY: this call consumes the waker, so it owns the waker's reference. Dropping the `Arc`
    // releases it, also when `notify` panics.
    let target = unsafe { Arc::from_raw(data.cast::<N>()) };
    target.notify();
    // STUB: todo!("notify, and release the reference")
    // YOURS_END
}

/// Called by `Waker::wake_by_ref`, for a waker that stays and keeps the target alive.
fn wake_by_ref<N: Notify>(data: *const ()) {
    // YOURS
    // SAFETY: the waker stays and keeps its reference. `ManuallyDrop` never drops this `Arc`, also
    // not when `notify` panics.
    let target = unsafe { ManuallyDrop::new(Arc::from_raw(data.cast::<N>())) };
    target.notify();
    // STUB: todo!("notify, and leave the reference where it is")
    // YOURS_END
}

/// Called when a waker is dropped without being used up, for a waker that ends with this call.
fn drop_waker<N: Notify>(data: *const ()) {
    // YOURS
    // SAFETY: the waker ends with this call, which releases its reference.
    drop(unsafe { Arc::from_raw(data.cast::<N>()) });
    // STUB: todo!("release the reference")
    // YOURS_END
}
// ANCHOR_END: functions
