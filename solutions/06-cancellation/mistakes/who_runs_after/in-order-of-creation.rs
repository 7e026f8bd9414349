//! Has the values go in the order in which they came.
//!
//! A prediction. These are the parts of a future; `Note` is a value whose destructor writes its
//! text, and `never()` is a future that is never ready.
//!
//! ```text
//! async fn outer() {                       async fn inner(_given: Note) {
//!     let _first = Note("first");              let _local = Note("local");
//!     let _second = Note("second");            println!("inner begins");
//!     inner(Note("given")).await;              never().await;
//!     println!("outer goes on");               println!("inner goes on");
//! }                                        }
//! ```
//!
//! Somebody polls `outer()` once, writes "pending", drops it, and writes "dropped". Which lines are
//! written, and in which order? There are seven.

/// The lines in order: a text, or `drop` and the name of a note. A question mark is a line that you
/// have not decided on.
pub fn prediction() -> [&'static str; 7] {
    // ANCHOR: mistake
    ["inner begins", "pending", "drop given", "drop local", "drop first", "drop second", "dropped"]
    // ANCHOR_END: mistake
}
