//! A prediction. Five clients talk to the server of this chapter. The server closes a connection that has
//! been idle for 20 seconds. At 30 seconds it is told to finish. Bytes arrive at once, and only waiting
//! takes time. All clients connect at 0.
//!
//! ```text
//! ann   at 1 sends "one", and her end in the same segment;    reads everything
//! bob   at 1 sends "two", and is silent after that;           reads everything
//! cid   at 1 starts to send, and never stops;                 never reads a byte
//! dan   at 15 sends "four", and is silent after that;         reads everything
//! eve   at 15 sends "five", and at 30 "six", which arrives just before the order to finish: the server
//!       has not read it yet;                                  reads everything
//! ```
//!
//! What has each client received in the end? How and when does the server see its connection end? A line
//! reads `ann gets one, completed at 1`, or `timed out at`, or `reset at`. A client that receives no byte
//! gets `nothing`. Two words of one client are written in their order: `five six`, `fivesix` and
//! `five and six` are the same. Write the five lines before you run anything.

/// The five lines. A question mark stands for a line that you have not decided on.
pub fn prediction() -> [&'static str; 5] {
    ["?", "?", "?", "?", "?"]
}
