//! Counts the idle time from the connect.
//!
//! A prediction. Five clients talk to the server of this chapter. It closes a connection on which
//! nothing has happened for 20 seconds. At 30 seconds it is told to finish. Nothing takes any time
//! but waiting, and what is sent arrives at once. All of them connect at 0.
//!
//! ```text
//! ann   at 1 sends "one", and her end in the same segment;    reads all that comes
//! bob   at 1 sends "two", and is silent from then on;         reads all that comes
//! cid   at 1 sends and sends, without end;                    never reads a byte
//! dan   at 15 sends "four", and is silent from then on;       reads all that comes
//! eve   at 15 sends "five", and "six" at 30: it has arrived, and the server has not looked at it
//!       yet, when the order to finish comes;                  reads all that comes
//! ```
//!
//! What has each of them been given in the end, and how and when did the server see the connection end?
//! A line reads `ann gets one, completed at 1`, or `timed out at`, or `reset at`; who gets nothing, gets
//! `nothing`. Write the five lines before you run anything.

/// The five lines. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 5] {
    [
        "ann gets one, completed at 1",
        // ANCHOR: mistake
        "bob gets two, timed out at 20",
        // ANCHOR_END: mistake
        "cid gets nothing, timed out at 21",
        "dan gets four, completed at 30",
        "eve gets five six, completed at 30",
    ]
}
