//! A sentence instead of silence when a green thread overflows its stack.
//!
//! The guard page turns the overflow into a SIGSEGV. The system calls the handler here on the signal stack
//! that Rust has set up for each thread, because the overflowed one has no room.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::Once;

use super::about::{About, with_guard_at};

/// Installs the handler, once for the program.
pub(crate) fn is_watched() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            // SAFETY: all zeros is a valid `sigaction`, whose fields are set below; the handler only calls
            // functions that a signal handler may call.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = handler as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                let before = match signal {
                    libc::SIGSEGV => &raw mut BEFORE_SEGV,
                    _ => &raw mut BEFORE_BUS,
                };
                libc::sigaction(signal, &raw const action, before);
            }
        }
    });
}

/// What handled the two signals before, for all faults that are not ours: Rust's own handler, for the stacks
/// of threads. Written once, before the handler that reads them is installed.
// SAFETY: all zeros is a valid `sigaction`.
static mut BEFORE_SEGV: libc::sigaction = unsafe { std::mem::zeroed() };
// SAFETY: as above.
static mut BEFORE_BUS: libc::sigaction = unsafe { std::mem::zeroed() };

extern "C" fn handler(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system passes a valid `info` to a handler with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() } as usize;
    with_guard_at(address, |about| {
        say(about);
        // SAFETY: it may be called in a handler.
        unsafe { libc::abort() }
    });
    // SAFETY: written before this handler was installed, and never again.
    let before = unsafe {
        match signal {
            libc::SIGSEGV => ptr::read(&raw const BEFORE_SEGV),
            _ => ptr::read(&raw const BEFORE_BUS),
        }
    };
    // SAFETY: the handler before is called as the system would have called it; without one, the signal's own
    // action is restored, and the instruction that faulted faults again.
    unsafe {
        if before.sa_sigaction == libc::SIG_DFL || before.sa_sigaction == libc::SIG_IGN {
            libc::signal(signal, libc::SIG_DFL);
        } else {
            let before: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                std::mem::transmute(before.sa_sigaction);
            before(signal, info, context);
        }
    }
}

/// Writes the sentence. It allocates nothing: the overflow may have come inside of the allocator.
fn say(about: &About) {
    write(b"\ngreen thread ");
    write_number(about.number);
    about.with_name(|name| {
        write(b", `");
        write(name.as_bytes());
        write(b"`,");
    });
    write(b" has overflowed its stack of ");
    write_number(about.size as u64 / 1024);
    write(b" KiB; give it a larger one with `with_stack`\n");
}

fn write(bytes: &[u8]) {
    // SAFETY: the bytes are there; `write` may be called in a handler.
    unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
}

fn write_number(number: u64) {
    let mut digits = [0; 20];
    let mut place = digits.len();
    let mut rest = number;
    loop {
        place -= 1;
        digits[place] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    write(&digits[place..]);
}
