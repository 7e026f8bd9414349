//! A prediction. A semaphore has one permit, and `main` holds it. The tasks a, b and c have been
//! polled once, in this order. Each of them runs this:
//!
//! ```text
//! async fn task(name) {
//!     println!("{name} asks");
//!     let _permit = semaphore.acquire().await;
//!     println!("{name} goes");
//! }
//! ```
//!
//! So three lines are written already: "a asks", "b asks", "c asks". Now `main` goes on, and does not
//! await anything in between:
//!
//! ```text
//! drop(permit);              // It comes back to the semaphore.
//! a.cancel();                // Drops the future of a.
//! match semaphore.try_acquire() {
//!     Ok(_permit) => println!("main goes"),
//!     Err(_) => println!("main is refused"),
//! }
//! spawn(task("d"));
//! sleep(SECOND).await;       // The loop runs the other tasks.
//! ```
//!
//! Which lines are written from here on, and in which order? There are five.

/// The lines in order. Case, quotes and punctuation do not count. A question mark is a line that you
/// have not decided on; a line that you expect not to be written is `nothing`.
pub fn prediction() -> [&'static str; 5] {
    ["?", "?", "?", "?", "?"]
}
