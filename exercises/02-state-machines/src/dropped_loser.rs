//! A prediction. Two futures race; the first holds something that says so when it is dropped:
//!
//! ```text
//! async fn slow() {                        async fn quick() {
//!     let _guard = Guard;                      print("quick: begins");
//!     print("slow: begins");                   yield_now().await;
//!     yield_now().await;                       print("quick: ends");
//!     yield_now().await;                   }
//!     print("slow: ends");
//! }                                        // Dropping a Guard prints "guard: gone".
//! ```
//!
//! ```text
//! let mut racing = pin!(race(slow(), quick()));
//! racing.as_mut().poll(&mut context);      // pending: prints "slow: begins" and "quick: begins"
//! racing.as_mut().poll(&mut context);      // ready: what does this print?
//! print("caller: has a winner");
//! ```
//!
//! What is printed from the second poll on? Write three lines, from these: `slow: ends`, `quick:
//! ends`, `guard: gone`, `caller: has a winner`. Write it down before you run anything.

/// The first three lines that are printed from the second poll on. A question mark is a line that
/// you have not decided on.
pub fn prediction() -> [&'static str; 3] {
    ["?", "?", "?"]
}
