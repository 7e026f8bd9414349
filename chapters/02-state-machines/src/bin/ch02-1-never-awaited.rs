//! A program that calls an `async fn` and does not await it.

// ANCHOR: program
async fn save(text: &str) {
    println!("    save: writes {text:?}");
}

fn main() {
    closed_output::end_quietly();
    println!("caller: calls save");
    let saving = save("everything");
    println!("caller: goes home");
    drop(saving);
}
// ANCHOR_END: program
