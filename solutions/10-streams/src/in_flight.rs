//! A measurement. A client sends requests to a server, at most `limit` of them at a time, and sends the
//! next one when an answer has come. The server works on 8 requests at a time, on each for 100 ms, and
//! refuses none. This program measures 100 requests, or another number:
//!
//! ```text
//! cargo run -q --bin ch10-measure-in-flight -- 1 2 4 8 16 32 64
//! cargo run -q --bin ch10-measure-in-flight -- --requests=20 1 3 7 9 12 30
//! ```
//!
//! `total` is the time from the first request to the last answer, and `longest` the longest time from a
//! request to its own answer. Find the rule behind each, and write it as a function that is exact for
//! every number of requests from 0 to 1,000,000,000 and every limit from 1 to 1,000,000,000. Then choose
//! the reason.

/// What keeps the total from shrinking beyond a certain limit. One of the four reasons is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The client spends its time with polling the requests in flight.
    TheClientPollsMore,
    /// An answer waits in the client until the answers before it have come.
    AnswersWaitForTheirTurn,
    /// The server is busy all the time, and further requests wait in its queue.
    TheServerIsFull,
    /// Each further request makes the server slower.
    TheServerSlowsDown,
}

/// The milliseconds from the first request to the last answer.
pub fn total(requests: u64, limit: u64) -> u64 {
    // YOURS
    requests.div_ceil(limit.min(8)) * 100
    // STUB: todo!("measure it, and find the rule")
    // YOURS_END
}

/// The milliseconds of the longest wait of one request for its answer.
pub fn longest(requests: u64, limit: u64) -> u64 {
    // YOURS
    requests.min(limit).div_ceil(8) * 100
    // STUB: todo!("measure it, and find the rule")
    // YOURS_END
}

/// The reason.
pub fn because() -> Because {
    // YOURS
    Because::TheServerIsFull
    // STUB: todo!("choose one of the four")
    // YOURS_END
}
