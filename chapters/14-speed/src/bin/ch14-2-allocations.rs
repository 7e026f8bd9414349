//! How often a task allocates, on either loop.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use event_loop::{Handle, Spawn, ThreadDriver, yield_now};
use speed::Steps;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which counts.
struct Counting;

// SAFETY: each call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as above; all memory here came from the system's allocator.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static HEAP: Counting = Counting;

const TASKS: usize = 1_000;

// ANCHOR: count
/// The allocations of a task, when the loop has run as many before.
async fn count(handle: Handle, joined: bool) -> f64 {
    let mut before = 0;
    for round in 0..2 {
        if round == 1 {
            before = ALLOCATIONS.load(Ordering::Relaxed);
        }
        for _ in 0..TASKS {
            if joined {
                let _ = handle.spawn(yield_now()).await;
            } else {
                handle.spawn_boxed(Box::pin(yield_now()));
                yield_now().await;
            }
        }
    }
    (ALLOCATIONS.load(Ordering::Relaxed) - before) as f64 / TASKS as f64
}
// ANCHOR_END: count

fn main() {
    closed_output::end_quietly();
    println!("allocations of a task         spawn_boxed   spawn and join");
    let reference = event_loop::EventLoop::new();
    let counts = [false, true].map(|joined| reference.block_on(count(reference.handle(), joined)));
    println!(
        "chapter 04                    {:11.2}   {:14.2}",
        counts[0], counts[1]
    );
    for (name, reuse) in [
        ("chapter 14, wakers not reused", false),
        ("chapter 14", true),
    ] {
        let steps = Steps {
            reuse,
            ..Steps::default()
        };
        let fast = speed::EventLoop::stepped(ThreadDriver::new(), (), steps);
        let counts = [false, true].map(|joined| fast.block_on(count(fast.handle(), joined)));
        println!("{name:30}{:11.2}   {:14.2}", counts[0], counts[1]);
    }
}
