//! 11.6 jitter: a thousand clients that come back, measured.

use super::subject::{Because, attempts, attempts_with_full_jitter, because, seconds};
use probe::predict::steady;
use probe::tolerance::Tolerance;
use probe::{Run, panics, run, snapshot};
use service::herd::{Choice, herd};

type Rule = fn(clients: u64, capacity: u64) -> u64;

/// One of the two rules without jitter: the learner's, the right one, and wrong ones that are known.
struct Column {
    name: &'static str,
    yours: Rule,
    rule: Rule,
    known: &'static [Known],
}

/// A rule that is wrong, and what it leaves out.
struct Known {
    mistake: &'static str,
    rule: Rule,
    sentence: &'static str,
}

fn rounds(clients: u64, capacity: u64) -> u64 {
    clients.div_ceil(capacity)
}

const ATTEMPTS: Column = Column {
    name: "attempts",
    yours: attempts,
    rule: |clients, capacity| {
        let rounds = rounds(clients, capacity);
        rounds * clients - capacity * (rounds * rounds.saturating_sub(1) / 2)
    },
    known: &[
        Known {
            mistake: "connected-clients-counted",
            rule: |clients, capacity| clients * rounds(clients, capacity),
            sentence: "Your rule has all clients come in every round. A client that is connected does not come again.",
        },
        Known {
            mistake: "successes-left-out",
            rule: |clients, capacity| (ATTEMPTS.rule)(clients, capacity) - clients,
            sentence: "Your rule counts the attempts that were refused. The one that succeeds is an attempt, too: one for each client.",
        },
        Known {
            mistake: "one-attempt-each",
            rule: |clients, _| clients,
            sentence: "Your rule has one attempt for each client. All of them come in the same moment, and the server accepts as many as its \
                       capacity.",
        },
    ],
};

const SECONDS: Column = Column {
    name: "seconds",
    yours: seconds,
    rule: |clients, capacity| match rounds(clients, capacity) {
        rounds @ 0..=6 => (1 << rounds) - 1,
        rounds => 63 + 60 * (rounds - 6),
    },
    known: &[
        Known {
            mistake: "cap-forgotten",
            rule: |clients, capacity| {
                2_u64.saturating_pow(rounds(clients, capacity).min(64) as u32) - 1
            },
            sentence: "Your rule doubles the delay in every round. From the seventh round on it is 60 s.",
        },
        Known {
            mistake: "cap-a-round-late",
            rule: |clients, capacity| match rounds(clients, capacity) {
                rounds @ 0..=6 => (SECONDS.rule)(rounds, 1),
                rounds => (SECONDS.rule)(rounds, 1) + 4,
            },
            sentence: "Your rule doubles up to 64 s once, and has 60 s from then on. The cap holds for every delay: the seventh is 60 s.",
        },
        Known {
            mistake: "first-delay-left-out",
            rule: |clients, capacity| match rounds(clients, capacity) {
                0 => 0,
                rounds => (SECONDS.rule)(rounds - 1, 1),
            },
            sentence: "Your rule has the first attempts at zero. To lose the connection is the first failure, and the first delay follows it.",
        },
        Known {
            mistake: "server-always-busy",
            rule: |clients, capacity| rounds(clients, capacity).div_ceil(10),
            sentence: "Your rule has the server accept as many as it can in every 100 ms. Without jitter no client comes between two rounds.",
        },
    ],
};

/// What the instrument can measure in a moment.
const MEASURED: [(u32, u32); 17] = [
    (10, 1),
    (10, 2),
    (10, 3),
    (10, 5),
    (10, 10),
    (10, 11),
    (0, 1),
    (1, 1),
    (1, 7),
    (2, 1),
    (3, 1),
    (6, 1),
    (7, 1),
    (8, 1),
    (33, 2),
    (100, 9),
    (300, 20),
];

/// What it cannot: by the rule.
const BEYOND: [(u64, u64); 5] = [
    (1_000_000, 7),
    (1_000_000, 1),
    (999_999, 2),
    (1_000_000, u64::MAX),
    (5, u64::MAX),
];

#[test]
fn the_number_of_attempts_without_jitter() {
    judge(&ATTEMPTS, |clients, capacity| {
        herd(clients, capacity, Choice::Longest).attempts.len() as u64
    });
}

#[test]
fn the_time_until_all_are_connected_without_jitter() {
    judge(&SECONDS, |clients, capacity| match clients {
        0 => 0,
        _ => herd(clients, capacity, Choice::Longest).last.as_secs(),
    });
}

#[test]
fn the_number_of_attempts_with_full_jitter() {
    let run = run!("with_and_without");
    let yours = steady(&run, attempts_with_full_jitter);
    let seeds = 1..=8;
    let measured: Vec<u64> = seeds
        .map(|seed| herd(1_000, 20, Choice::Full(seed)).attempts.len() as u64)
        .collect();
    let mean = measured.iter().sum::<u64>() / measured.len() as u64;
    let is_right = Tolerance::Relative(0.1).accepts(yours as f64, mean as f64);
    if !is_right {
        run.recorder()
            .says("with full jitter", format!("your answer: {yours} attempts"));
        if yours == 25_500 {
            run.diagnose(
                "jitter-changes-nothing",
                "Your answer is the number without jitter.",
            );
        }
        let (fewest, most) = (measured.iter().min(), measured.iter().max());
        if fewest.is_some_and(|fewest| yours < *fewest) || most.is_some_and(|most| yours > *most) {
            run.diagnose(
                "not-what-was-measured",
                format!(
                    "1,000 clients with a capacity of 20 made {measured:?} attempts with the seeds 1 to 8. Your answer is {yours}: more than 10 % \
                     from their mean."
                ),
            );
        }
        run.departs(format!("1,000 clients with a capacity of 20 made {measured:?} attempts with the seeds 1 to 8. Your answer is {yours}."));
    }
    let together = herd(1_000, 20, Choice::Longest);
    run.recorder().says(
        "without jitter",
        format!(
            "{} attempts, {} in the busiest 100 ms",
            together.attempts.len(),
            together.busiest()
        ),
    );
    let spread = herd(1_000, 20, Choice::Full(1));
    run.recorder().says(
        "with full jitter",
        format!(
            "{} attempts, {} in the busiest 100 ms",
            spread.attempts.len(),
            spread.busiest()
        ),
    );
    snapshot!(run);
}

#[test]
fn the_reason_agrees_with_the_measurement() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::ServerIsNeverIdle => {}
        Because::DelaysAreShorter => run.diagnose(
            "shorter-delays-blamed",
            "If only the delays were half as long, the clients would still come together, in 50 rounds: 22 minutes instead of 45. Measured: 17 s.",
        ),
        Because::NoAttemptFails => run.diagnose(
            "no-attempt-fails",
            "1,000 clients make more than 2,400 attempts with full jitter: most of them fail once at least.",
        ),
        Because::RefusingTakesTime => run.diagnose(
            "refusals-blamed",
            "This server refuses in no time: an attempt at 1 s is refused at 1 s. What takes time is the wait for the next round.",
        ),
    }
}

fn judge(column: &Column, measure: fn(u32, u32) -> u64) {
    for (clients, capacity) in MEASURED {
        let right = measure(clients, capacity);
        let (clients, capacity) = (clients.into(), capacity.into());
        assert_eq!(
            right,
            (column.rule)(clients, capacity),
            "the instrument has a rule of its own"
        );
        compare(column, clients, capacity, "measured");
    }
    for (clients, capacity) in BEYOND {
        compare(
            column,
            clients,
            capacity,
            "by the rule of the smaller numbers",
        );
    }
}

fn compare(column: &Column, clients: u64, capacity: u64, counted: &str) {
    let run = run!();
    let right = (column.rule)(clients, capacity);
    let what = format!("{clients} clients with a capacity of {capacity}");
    let ask = || steady(&run, || (column.yours)(clients, capacity));
    let yours = match panics::expected(ask) {
        Ok(yours) if yours == right => return,
        Ok(yours) => yours,
        Err(panic) => {
            run.recorder()
                .says(column.name, format!("{what}, {counted}: {right}"));
            run.departs(format!("For {what} your rule panicked: {}.", panic.message))
        }
    };
    run.recorder()
        .says(column.name, format!("{what}: your rule gives {yours}"));
    run.recorder()
        .says(column.name, format!("{counted}: {right}"));
    for known in column.known {
        if is_rule(&run, column.yours, known.rule) {
            run.diagnose(known.mistake, known.sentence);
        }
    }
    let wrong = |(clients, capacity): (u64, u64)| {
        let ask = || steady(&run, || (column.yours)(clients, capacity));
        !panics::expected(ask).is_ok_and(|yours| yours == (column.rule)(clients, capacity))
    };
    let pairs = || MEASURED.map(|(clients, capacity)| (u64::from(clients), u64::from(capacity)));
    let divides = |(clients, capacity): &(u64, u64)| clients % capacity == 0;
    if !pairs().into_iter().filter(divides).any(wrong)
        && pairs().into_iter().filter(|pair| !divides(pair)).any(wrong)
    {
        run.diagnose(
            "last-round-left-out",
            format!(
                "Your rule is right where the capacity divides the number of clients. For {what} it gives {yours}; {right} is right. The last \
                 round connects fewer clients than the capacity, and is a round like the others."
            ),
        );
    }
    if pairs().into_iter().any(wrong) {
        run.diagnose(
            "not-what-was-measured",
            format!("For {what} your rule gives {yours}. The instrument measures {right}."),
        );
    }
    run.diagnose(
        "right-where-measured",
        format!("Your rule is right for each number that was measured. For {what} it gives {yours}; {right} is right."),
    )
}

/// Whether a rule is this one, by several numbers at which all known rules differ.
fn is_rule(run: &Run, yours: Rule, rule: Rule) -> bool {
    [(10, 1), (10, 2), (10, 3), (33, 2), (8, 1), (300, 20)]
        .iter()
        .all(|(clients, capacity)| {
            let ask = || steady(run, || yours(*clients, *capacity));
            panics::expected(ask).is_ok_and(|yours| yours == rule(*clients, *capacity))
        })
}
