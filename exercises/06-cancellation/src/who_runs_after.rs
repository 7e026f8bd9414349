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
//! A caller polls `outer()` once, writes "pending", drops it, and writes "dropped". Which lines are
//! written, and in which order? There are seven.

/// The lines in order: a text, or `drop` and the name of a note. Case, quotes and punctuation do
/// not count. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 7] {
    ["?", "?", "?", "?", "?", "?", "?"]
}
