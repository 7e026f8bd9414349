//! Every waker points to one shared record, which holds the only reference to the target: so cloning a
//! waker does not change the target's own count.
#![allow(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{RawWaker, RawWakerVTable, Waker};

pub trait Notify: Send + Sync + 'static {
    fn notify(&self);
}

struct Record<N> {
    wakers: AtomicUsize,
    target: Arc<N>,
}

pub fn waker_of<N: Notify>(target: Arc<N>) -> Waker {
    let record = Box::new(Record {
        wakers: AtomicUsize::new(1),
        target,
    });
    let data = Box::into_raw(record).cast_const().cast::<()>();
    // SAFETY: the functions of the table keep the record alive while any waker points to it, and
    // `Notify` is `Send + Sync`.
    unsafe { Waker::from_raw(RawWaker::new(data, table::<N>())) }
}

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

/// The record behind a waker.
///
/// # Safety
///
/// `data` belongs to a waker of [`waker_of`] that has not been dropped.
unsafe fn record<'a, N: Notify>(data: *const ()) -> &'a Record<N> {
    // SAFETY: the caller's waker keeps the record alive.
    unsafe { &*data.cast::<Record<N>>() }
}

fn clone_waker<N: Notify>(data: *const ()) -> RawWaker {
    // Relaxed: the waker that is being cloned keeps the record alive.
    // SAFETY: called for a waker that lives.
    unsafe { record::<N>(data) }.wakers.fetch_add(1, Ordering::Relaxed);
    RawWaker::new(data, table::<N>())
}

fn wake<N: Notify>(data: *const ()) {
    // SAFETY: called for a waker that lives until the end of this call.
    let target = Arc::clone(unsafe { &record::<N>(data).target });
    drop_waker::<N>(data);
    target.notify();
}

fn wake_by_ref<N: Notify>(data: *const ()) {
    // SAFETY: called for a waker that lives.
    unsafe { record::<N>(data) }.target.notify();
}

fn drop_waker<N: Notify>(data: *const ()) {
    // AcqRel: the last waker's drop comes after all that the others did with the record.
    // SAFETY: called for a waker that lives until now.
    if unsafe { record::<N>(data) }.wakers.fetch_sub(1, Ordering::AcqRel) == 1 {
        // SAFETY: no other waker points to the record, which came from `Box::into_raw`.
        drop(unsafe { Box::from_raw(data.cast_mut().cast::<Record<N>>()) });
    }
}
