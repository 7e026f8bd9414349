//! A prediction. An [`Interview`](generators::interview::Interview) is resumed three times:
//!
//! ```text
//! interview.resume("good morning")
//! interview.resume("Ada")
//! interview.resume("London")
//! ```
//!
//! What comes out of each call? Write it down before you run anything: `asks name?`, `asks town?`,
//! or `says … from …` with the words that you expect; `panics`, if you think it does.

/// What comes out of the three calls, one line each. A question mark is a line that you have not
/// decided on.
pub fn prediction() -> [&'static str; 3] {
    // YOURS
    ["asks name?", "asks town?", "says Ada from London"]
    // STUB: ["?", "?", "?"]
    // YOURS_END
}
