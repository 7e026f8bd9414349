//! Somebody calls an `async fn` as if it were a function, and wonders.

// ANCHOR: program
async fn save(text: &str) {
    println!("    save: writes {text:?}");
}

fn main() {
    println!("caller: calls save");
    let saving = save("everything");
    println!("caller: goes home");
    drop(saving);
}
// ANCHOR_END: program
