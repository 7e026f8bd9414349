//! A profile of a simulated server: a sampler looks at the stack every 10 µs of the server's
//! processor time.

/// One stack that was seen, outermost function first, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// The functions, joined by semicolons: the *folded* form, which tools for flame graphs read.
    pub folded: &'static str,
    /// In how many samples.
    pub samples: u32,
}

/// What the sampler has seen: 1,000 samples.
pub const STACKS: [Stack; 11] = [
    stack("run_once", 20),
    stack("run_once;fire_timers", 80),
    stack("run_once;park;epoll_wait", 190),
    stack("run_once;poll_task;answer;encode", 50),
    stack("run_once;poll_task;answer;encode;copy_bytes", 130),
    stack("run_once;poll_task;answer;send", 140),
    stack("run_once;poll_task;look_up;copy_bytes", 90),
    stack("run_once;poll_task;look_up;hash_key", 60),
    stack("run_once;poll_task;read_request;parse_line;copy_bytes", 110),
    stack(
        "run_once;poll_task;read_request;parse_line;check_utf8;next_char",
        40,
    ),
    stack("run_once;poll_task;read_request;receive", 90),
];

const fn stack(folded: &'static str, samples: u32) -> Stack {
    Stack { folded, samples }
}

/// In how many samples `function` was the innermost one: its *own* time.
#[must_use]
pub fn own(function: &str) -> u32 {
    samples(|stack| stack.rsplit(';').next() == Some(function))
}

/// In how many samples `function` was on the stack: its *total* time.
#[must_use]
pub fn total(function: &str) -> u32 {
    samples(|stack| stack.split(';').any(|name| name == function))
}

fn samples(matches: impl Fn(&str) -> bool) -> u32 {
    let matching = STACKS.iter().filter(|stack| matches(stack.folded));
    matching.map(|stack| stack.samples).sum()
}
