//! A prediction. Two tasks run on one loop, spawned in the order `ticker`, `handler`. The handler uses two crates that know nothing
//! of this loop: `ureq`, whose `call` is a plain function, and `futures-timer`, whose `Delay` is a future. The web server answers
//! 25 ms after it was asked. All other steps take no time.
//!
//! ```text
//! ticker                          handler
//!   loop {                          writes "handler begins"
//!     writes "tick"                 ureq::get("http://…/price").call()
//!     sleep(10 ms).await            writes "fetched"
//!   }                               futures_timer::Delay::new(25 ms).await
//!                                   writes "waited"
//! ```
//!
//! Both are woken at 0 ms. The program ends when the handler has ended. Which lines are written, and when?

/// The lines in order, each with its time: `tick at 70 ms`. Case, quotes and punctuation do not count. A question mark is a line
/// that you have not decided on. There may be as many lines as you like.
pub fn prediction() -> &'static [&'static str] {
    // YOURS
    &[
        "tick at 0 ms",
        "handler begins at 0 ms",
        "fetched at 25 ms",
        "tick at 25 ms",
        "tick at 35 ms",
        "tick at 45 ms",
        "waited at 50 ms",
    ]
    // STUB: &["tick at 0 ms", "handler begins at 0 ms", "?"]
    // YOURS_END
}
