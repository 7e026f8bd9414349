//! What happens to a generator that is never resumed again.

use generators::{Generator, Step};

// ANCHOR: machine
// ANCHOR: lock
/// Something that has to be given back.
struct Lock;

impl Drop for Lock {
    fn drop(&mut self) {
        println!("    lock: given back");
    }
}
// ANCHOR_END: lock

// ANCHOR: counter
/// Holds a lock from its first yield on, and counts forever.
enum Counter {
    Created,
    Counting { _lock: Lock, next: u32 },
}

impl Generator for Counter {
    type Yield = u32;
    type Return = ();

    fn resume(&mut self, (): ()) -> Step<u32, ()> {
        match self {
            Counter::Created => {
                println!("    counter: takes the lock");
                *self = Counter::Counting {
                    _lock: Lock,
                    next: 2,
                };
                Step::Yielded(1)
            }
            Counter::Counting { next, .. } => {
                let number = *next;
                *next += 1;
                Step::Yielded(number)
            }
        }
    }
}
// ANCHOR_END: counter
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let mut counter = Counter::Created;
    println!("caller: gets {:?}", counter.resume(()));
    println!("caller: gets {:?}", counter.resume(()));
    println!("caller: has seen enough, and drops it");
    drop(counter);
    println!("caller: goes on");

    println!("caller: drops one that it never resumed");
    drop(Counter::Created);
    println!("caller: is done");
}
// ANCHOR_END: caller
