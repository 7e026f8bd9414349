//! A value on its way from one stack to the other.
#![allow(unsafe_code)]

use std::mem::{ManuallyDrop, MaybeUninit};

// ANCHOR: word
/// What crosses with a switch, in a register. A value that fits is in it; of a larger one it holds the address, on
/// the stack that is left.
pub(crate) type Word = MaybeUninit<*mut u8>;

const fn fits<T>() -> bool {
    size_of::<T>() <= size_of::<Word>() && align_of::<T>() <= align_of::<Word>()
}

/// The word by which the other stack takes this value. It must not be used here any more.
#[inline(always)]
pub(crate) fn word_of<T>(value: &mut ManuallyDrop<T>) -> Word {
    if !fits::<T>() {
        return Word::new((&raw mut *value).cast());
    }
    let mut word = Word::uninit();
    // SAFETY: a `T` is not larger than the word. `ManuallyDrop` leaves the value to the other stack.
    unsafe {
        word.as_mut_ptr()
            .cast::<T>()
            .write(ManuallyDrop::take(value));
    }
    word
}
// ANCHOR_END: word

// ANCHOR: taken
/// The value, on the other stack.
///
/// # Safety
///
/// The word comes from `word_of::<T>`, is taken once, and the other stack has not gone on since.
#[inline(always)]
pub(crate) unsafe fn taken<T>(word: Word) -> T {
    // SAFETY: the caller says so.
    unsafe {
        if fits::<T>() {
            word.as_ptr().cast::<T>().read()
        } else {
            word.assume_init().cast::<T>().read()
        }
    }
}
// ANCHOR_END: taken
