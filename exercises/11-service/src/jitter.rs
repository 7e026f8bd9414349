//! A measurement. At zero a number of clients lose their connections to one server. The server is back at
//! once, and accepts up to `capacity` connections in each span of 100 ms. This program lets the clients come
//! back, first without jitter and then with full jitter:
//!
//! ```text
//! cargo run -q --bin ch11-measure-clients -- 1000 20
//! ```
//!
//! The arguments are the number of clients, the capacity, and a seed, if you like. Each client waits at most
//! 1 s, then 2 s, and so on, doubled up to 60 s.
//!
//! Measure small numbers as well, such as 10 clients with a capacity of 1, 2, 3 and 5. Find the rules
//! without jitter, and write them as functions that are exact for 0 to 1,000,000 clients and every
//! capacity from 1 on. Then measure full jitter, and choose the reason.

/// Why are 1,000 clients connected so much sooner with full jitter? One of the four reasons is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// With full jitter a client waits half as long on average, so everything takes half as long.
    DelaysAreShorter,
    /// The attempts are spread over time, so the server accepts as many as it can in every span, and not
    /// in one span of each round only.
    ServerIsNeverIdle,
    /// A client that waits for a random time succeeds at its first attempt.
    NoAttemptFails,
    /// There are fewer attempts, so the server needs less time to refuse them.
    RefusingTakesTime,
}

/// Without jitter: the number of attempts until all clients are connected.
pub fn attempts(clients: u64, capacity: u64) -> u64 {
    todo!("measure it, and find the rule")
}

/// Without jitter: after how many seconds the last client is connected. Zero if there is none.
pub fn seconds(clients: u64, capacity: u64) -> u64 {
    todo!("measure it, and find the rule")
}

/// With full jitter: the number of attempts of 1,000 clients with a capacity of 20. It differs from seed to
/// seed; an answer to within 10 % of the mean is right.
pub fn attempts_with_full_jitter() -> u64 {
    todo!("measure it, with several seeds")
}

/// The reason.
pub fn because() -> Because {
    todo!("choose one of the four")
}
