//! How much of a stack a function takes: asked of the system, for functions whose needs are known.

use generators::Generator;

use crate::{Coroutine, Yielder};

/// A frame of 64 KiB.
const FRAME: usize = 64 * 1024;

// ANCHOR: what
/// What a green thread does before it suspends itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Calls itself this number of times; each frame has an array of 64 KiB, which it fills.
    Calls(usize),
    /// Calls functions one after another, each of which returns first. Each calls itself the given number of times, as above.
    OneAfterAnother(&'static [usize]),
    /// Calls a function with an array of 64 KiB that it does not touch.
    Untouched,
}
// ANCHOR_END: what

/// How many KiB of a stack of this size have memory when the green thread has done this, and is suspended. Where the
/// system does not tell, all of them.
///
/// # Panics
///
/// If the system gives no stack.
#[must_use]
pub fn measured(stack_kib: usize, does: Does) -> usize {
    let body = move |out: &Yielder<(), ()>, ()| {
        match does {
            Does::Calls(count) => deep(count),
            Does::OneAfterAnother(counts) => counts.iter().for_each(|count| deep(*count)),
            Does::Untouched => without_a_touch(),
        }
        out.suspend(());
    };
    let mut coroutine =
        Coroutine::with_stack(stack_kib * 1024, body).expect("the system gives a stack");
    let _ = coroutine.resume(());
    coroutine.stack_used() / 1024
}

#[inline(never)]
fn deep(count: usize) {
    if count > 0 {
        with_a_frame(count - 1);
    }
}

#[inline(never)]
fn with_a_frame(deeper: usize) {
    let mut frame = [0_u8; FRAME];
    std::hint::black_box(&mut frame);
    deep(deeper);
    std::hint::black_box(&mut frame);
}

#[inline(never)]
fn without_a_touch() {
    let mut frame = std::mem::MaybeUninit::<[u8; FRAME]>::uninit();
    std::hint::black_box(frame.as_mut_ptr());
}
