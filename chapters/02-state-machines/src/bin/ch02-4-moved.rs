//! An address that was remembered, and a value that was moved.

use state_machines::note::Note;

// ANCHOR: program
fn main() {
    closed_output::end_quietly();
    let mut note = Note::new("to be");
    note.find(b'b');
    println!("where it was written: {:?}", note.found());

    let moved = Box::new(note);
    println!("after it was moved:   {:?}", moved.found());

    let mut pinned = Box::new(Note::new("to be"));
    pinned.find(b'b');
    let moved = pinned;
    println!("after its box was:    {:?}", moved.found());
}
// ANCHOR_END: program
