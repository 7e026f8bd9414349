//! A measurement that others have made: a profile, three traces of system calls, and three reports. Say
//! what they show.
//!
//! The profile, as a flame graph of text and in the folded form that flame-graph tools read:
//!
//! ```text
//! cargo run -q --bin ch14-1-profile
//! cargo run -q --bin ch14-1-profile -- folded
//! ```
//!
//! The traces are of three echo servers, each of which answers a thousand requests of 64 bytes from one
//! client, and of a fourth that wastes nothing. On Linux you can repeat them:
//!
//! ```text
//! cargo build --release --bin ch14-1-three-servers
//! strace -c target/release/ch14-1-three-servers a     # or b, or c
//!
//!               sendto   recvfrom   epoll_wait   setsockopt
//! server a        2000       1001         1002            2
//! server b        1000       1001         1002         1002
//! server c        1000       2001         1002            2
//! the fourth      1000       1001         1002            2
//! ```
//!
//! The reports:
//!
//! ```text
//! 1   “An await costs nothing: a million awaits of a ready future took 240 ns.”
//!
//! 2   “Our new loop is 4 % faster.”       requests/s
//!      old    151,204
//!      new    157,310
//!
//! 3   “All three servers are equally fast.”   requests/s   server's core   load's core
//!      server A                                  61,240         31 % busy    100 % busy
//!      server B                                  61,180         58 % busy    100 % busy
//!      server C                                  61,310         44 % busy    100 % busy
//! ```

/// A function of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Function {
    PollTask,
    Answer,
    EpollWait,
    CopyBytes,
    Send,
    NextChar,
}

/// What a server does needlessly in each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waste {
    /// It reads one message in several pieces.
    ReadsInPieces,
    /// It writes one answer in several pieces.
    WritesInPieces,
    /// It sets an option of the socket that is set already.
    SetsAnOption,
    /// It asks the kernel for events more often than events come.
    AsksTooOften,
}

/// What is wrong with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The compiler removed what was to be measured.
    OptimizedAway,
    /// One run of each: the difference may be chance.
    MedianOfOne,
    /// The program that makes the load was the limit.
    MeasuredTheClient,
    /// The unit is wrong.
    WrongUnit,
}

/// The function with the most time of its own: samples in which it was the innermost function.
pub fn most_own_time() -> Function {
    todo!("read the profile")
}

/// The largest share of its time that the server can save by making that function faster, in percent.
pub fn saves_at_most() -> u32 {
    todo!("add up its samples")
}

/// What the servers a, b and c waste.
pub fn wasted() -> [Waste; 3] {
    todo!("compare each with the fourth")
}

/// What is wrong with the reports 1, 2 and 3.
pub fn flaws() -> [Flaw; 3] {
    todo!("what would you have to see before you believe each?")
}
