//! Follows the rounds in a loop, and has no formula.

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
    let (mut left, mut sum) = (clients, 0);
    while left > 0 {
        sum += left;
        left = left.saturating_sub(capacity);
    }
    sum
}

/// Without jitter: after how many seconds the last client is connected. Zero if there is none.
pub fn seconds(clients: u64, capacity: u64) -> u64 {
    let mut delay = 1;
    let mut left = clients;
    let mut at = 0;
    while left > 0 {
        at += delay;
        delay = (2 * delay).min(60);
        left = left.saturating_sub(capacity);
    }
    at
}

/// With full jitter: the number of attempts of 1,000 clients with a capacity of 20. It differs from seed to
/// seed; an answer to within 10 % of the mean is right.
pub fn attempts_with_full_jitter() -> u64 {
    2460
}

/// The reason.
pub fn because() -> Because {
    Because::ServerIsNeverIdle
}
