//! One generator that walks a tree by delegating to others of its own kind.

use generators::walk::{Entry, Walk};
use generators::{Generator, Step};

// ANCHOR: tree
fn home() -> Entry {
    let file = |name| Entry {
        name,
        children: Vec::new(),
    };
    let docs = Entry {
        name: "docs/",
        children: vec![file("plan.txt"), file("notes.txt")],
    };
    Entry {
        name: "home/",
        children: vec![docs, file("photo.jpg")],
    }
}
// ANCHOR_END: tree

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let home = home();
    let mut walk = Walk::new(&home);
    let mut answer = 0;
    loop {
        match walk.resume(answer) {
            Step::Yielded(name) => {
                answer = if name.ends_with('/') { 1 } else { 200 };
                println!("{name:<10} is asked for, and is told to be {answer:>3} bytes large");
            }
            Step::Complete(total) => {
                println!("everything is {total} bytes large");
                break;
            }
        }
    }
}
// ANCHOR_END: caller
