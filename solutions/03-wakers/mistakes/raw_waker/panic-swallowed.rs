//! Catches the panic of `notify`.
#![allow(unsafe_code)]

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

/// The four functions that make a pointer a waker. Each may rely on this: the pointer came from
/// `Arc::into_raw`, and the waker that the function is called for owns one reference of that `Arc`.
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

/// Called by `Waker::clone`. The waker stays. The `RawWaker` that this returns becomes another waker
/// of the same target.
fn clone_waker<N: Notify>(data: *const ()) -> RawWaker {
    unsafe { Arc::increment_strong_count(data.cast::<N>()) };
    RawWaker::new(data, table::<N>())
}

/// Called by `Waker::wake`, which consumes the waker: `drop_waker` is not called after it.
fn wake<N: Notify>(data: *const ()) {
    unsafe { Arc::from_raw(data.cast::<N>()) }.notify()
}

/// Called by `Waker::wake_by_ref`. The waker stays.
fn wake_by_ref<N: Notify>(data: *const ()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        unsafe { &*data.cast::<N>() }.notify()
    }));
}

/// Called when a waker is dropped without being used up.
fn drop_waker<N: Notify>(data: *const ()) {
    drop(unsafe { Arc::from_raw(data.cast::<N>()) })
}
