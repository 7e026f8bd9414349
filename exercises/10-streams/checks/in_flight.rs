//! in-flight: how long requests take with more and more of them in flight, measured.

use super::subject::{Because, because, longest, total};
use probe::predict::steady;
use probe::{Run, panics, run, snapshot};
use streams::in_flight::{Measured, measure};

/// One column of the program: the learner's rule, and the measurement.
struct Column {
    name: &'static str,
    yours: fn(u64, u64) -> u64,
    measured: fn(Measured) -> u64,
    /// The rule that the measurement keeps, for numbers that would take too long to measure.
    rule: fn(u64, u64) -> u64,
    known: &'static [Known],
}

/// A rule that is wrong, and what it leaves out.
struct Known {
    mistake: &'static str,
    rule: fn(u64, u64) -> u64,
    sentence: &'static str,
}

const TOTAL: Column = Column {
    name: "total",
    yours: total,
    measured: |measured| measured.total.as_millis() as u64,
    rule: |requests, limit| requests.div_ceil(limit.min(8)) * 100,
    known: &[
        Known {
            mistake: "more-is-always-faster",
            rule: |requests, limit| requests.div_ceil(limit) * 100,
            sentence: "Your rule divides by the limit, however large it is. The server works on 8 requests at a time; the others wait in its queue.",
        },
        Known {
            mistake: "last-round-left-out",
            rule: |requests, limit| requests / limit.min(8) * 100,
            sentence: "Your rule rounds down. The requests that are left for the last round take 100 ms as well, however few they are.",
        },
        Known {
            mistake: "last-round-left-out",
            rule: |requests, limit| requests * 100 / limit.min(8),
            sentence: "Your rule gives the last round a part of 100 ms. The requests that are left for it take 100 ms, however few they are.",
        },
        Known {
            mistake: "more-is-always-faster",
            rule: |requests, limit| match requests <= limit {
                true => 100,
                false => requests.div_ceil(limit.min(8)) * 100,
            },
            sentence: "Your rule gives one round for all requests that the limit allows at once. The client sends them all, and the server works on 8 of them at a time.",
        },
        Known {
            mistake: "rounds-taken-for-milliseconds",
            rule: |requests, limit| requests.div_ceil(limit.min(8)),
            sentence: "Your rule counts the server's rounds. Each takes 100 ms, and the answer is in milliseconds.",
        },
        Known {
            mistake: "one-request-at-a-time",
            rule: |requests, _| requests * 100,
            sentence: "Your rule adds up the times of all requests. Those in flight are worked on at the same time.",
        },
        Known {
            mistake: "limit-left-out",
            rule: |requests, _| requests.div_ceil(8) * 100,
            sentence: "Your rule has 8 requests in each round. With a smaller limit the client sends fewer, and the server has places free.",
        },
    ],
};

const LONGEST: Column = Column {
    name: "longest",
    yours: longest,
    measured: |measured| measured.longest.as_millis() as u64,
    rule: |requests, limit| requests.min(limit).div_ceil(8) * 100,
    known: &[
        Known {
            mistake: "queue-left-out",
            rule: |requests, _| 100 * requests.min(1),
            sentence: "Your rule has only the time that the server works on a request. With more than 8 in flight a request waits in the server's queue before that.",
        },
        Known {
            mistake: "last-round-left-out",
            rule: |requests, limit| (requests.min(limit) / 8).max(1) * 100,
            sentence: "Your rule rounds down. Of 9 requests in flight the ninth waits for a whole round of the others, and its own round takes 100 ms as well.",
        },
        Known {
            mistake: "last-round-left-out",
            rule: |requests, limit| requests.min(limit) / 8 * 100,
            sentence: "Your rule rounds down. A round that is not full takes 100 ms as well, however few requests it has.",
        },
        Known {
            mistake: "rounds-taken-for-milliseconds",
            rule: |requests, limit| requests.min(limit).div_ceil(8),
            sentence: "Your rule counts the server's rounds. Each takes 100 ms, and the answer is in milliseconds.",
        },
        Known {
            mistake: "few-requests-left-out",
            rule: |_, limit| limit.div_ceil(8) * 100,
            sentence: "Your rule counts as many requests in flight as the limit allows. If there are fewer requests than that, fewer are in flight.",
        },
        Known {
            mistake: "all-wait-for-the-last",
            rule: |requests, limit| requests.div_ceil(limit.min(8)) * 100,
            sentence: "Your rule is that of the total. The client sends a request when an answer has come, and a request's own wait begins then.",
        },
    ],
};

#[test]
fn the_total_is_as_measured() {
    judge(&TOTAL);
}

#[test]
fn the_longest_wait_is_as_measured() {
    judge(&LONGEST);
    let run = run!("two_columns");
    for limit in [1, 2, 4, 8, 16, 32, 64] {
        let measured = measure(100, limit);
        run.recorder().says(
            &format!("limit {limit}"),
            format!(
                "total: {:?}, longest: {:?}",
                measured.total, measured.longest
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn the_reason_agrees_with_the_measurement() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::TheServerIsFull => {}
        Because::TheClientPollsMore => run.diagnose(
            "client-blamed",
            "The clock of this measurement is simulated, and a poll takes no time on it. The total stays at 1,300 ms, however many polls there are.",
        ),
        Because::AnswersWaitForTheirTurn => run.diagnose(
            "order-of-answers-blamed",
            "The client is a `buffer_unordered`: it takes each answer as it comes, and no answer waits for another one.",
        ),
        Because::TheServerSlowsDown => run.diagnose(
            "server-speed-blamed",
            "The server works on each request for 100 ms, at every limit. If it slowed down, the total would grow; from a limit of 8 on it stays the same.",
        ),
    }
}

/// Small numbers first, then those of the page.
const REQUESTS: [u64; 10] = [1, 2, 7, 8, 9, 20, 33, 100, 0, 257];
const LIMITS: [u64; 12] = [1, 2, 3, 5, 7, 8, 9, 12, 16, 17, 64, 300];

/// Numbers that no measurement reaches: a rule in small numbers or in floating point ends before them.
const BEYOND: [(u64, u64); 5] = [
    (65_537, 3),
    (999_999_999, 1),
    (1_000_000_000, 7),
    (999_999_999, 1_000_000_000),
    (1_000_000_000, 999_999_993),
];

fn judge(column: &Column) {
    for requests in REQUESTS {
        for limit in LIMITS {
            let right = (column.measured)(measure(requests, limit as usize));
            let rule = (column.rule)(requests, limit);
            assert_eq!(right, rule, "the instrument has a rule of its own");
            compare(column, requests, limit, right, "measured");
        }
    }
    for (requests, limit) in BEYOND {
        let right = (column.rule)(requests, limit);
        compare(
            column,
            requests,
            limit,
            right,
            "by the rule of the smaller ones",
        );
    }
}

#[track_caller]
fn compare(column: &Column, requests: u64, limit: u64, right: u64, counted: &str) {
    let run = run!();
    let yours = ask(&run, column.yours, requests, limit);
    if yours == Ok(right) {
        return;
    }
    let what = format!("{requests} requests, limit {limit}");
    run.recorder()
        .says(column.name, format!("{counted}, {what}: {right} ms"));
    let yours = match yours {
        Ok(yours) => yours,
        Err(message) if message.contains("overflow") => run.diagnose(
            "size-wraps",
            format!("For {what} your rule panicked: {message}. The milliseconds of that many requests do not fit a number of 32 bits."),
        ),
        Err(message) => run.departs(format!("For {what} your rule panicked: {message}.")),
    };
    run.recorder()
        .says(column.name, format!("your rule: {yours} ms"));
    for known in column.known {
        if is_rule(&run, column.yours, known.rule) {
            run.diagnose(known.mistake, known.sentence);
        }
    }
    if BEYOND.contains(&(requests, limit)) {
        let is_cut = [8, 16, 32].iter().any(|bits| {
            let mask = (1_u64 << bits) - 1;
            let of_cut = (column.rule)(requests & mask, (limit & mask).max(1));
            yours == right & mask || yours == of_cut
        });
        // A floating-point number of 32 bits has 24 for its digits.
        let is_rounded = yours.abs_diff(right) <= right / 1_000_000;
        if !is_cut && !is_rounded {
            run.departs(format!(
                "Your rule agrees with the measurement for up to 257 requests. For {what} it gives {yours} ms; {right} ms are right. The rule is the same for every number of requests and every limit."
            ));
        }
        run.diagnose("size-wraps", format!(
            "Your rule agrees with the measurement for up to 257 requests. For {what} it is off by {} ms: a number in it does not fit its type, or is rounded.",
            yours.abs_diff(right)
        ));
    }
    run.departs(format!(
        "For {what} your rule gives {yours} ms; {right} ms are right."
    ))
}

fn ask(run: &Run, rule: fn(u64, u64) -> u64, requests: u64, limit: u64) -> Result<u64, String> {
    panics::expected(|| steady(run, || rule(requests, limit))).map_err(|panic| panic.message)
}

/// Whether a rule is this one, by several numbers at which all known rules differ.
fn is_rule(run: &Run, yours: fn(u64, u64) -> u64, rule: fn(u64, u64) -> u64) -> bool {
    let numbers = [
        (1, 1),
        (7, 3),
        (20, 3),
        (33, 12),
        (100, 16),
        (100, 64),
        (5, 64),
        (20, 64),
        (9, 7),
    ];
    numbers
        .iter()
        .all(|(requests, limit)| ask(run, yours, *requests, *limit) == Ok(rule(*requests, *limit)))
}
