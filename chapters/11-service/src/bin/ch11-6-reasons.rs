//! What `retry` does after each kind of failure, and at each of its limits.

use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use composition::Deadline;
use event_loop::{EventLoop, JumpingDriver, Time};
use service::{Backoff, Delays, Failed, NoJitter, Policy, RetryBudget, retry};

const SECOND: Duration = Duration::from_secs(1);

type Answer = Result<&'static str, Failed<&'static str>>;

fn main() {
    closed_output::end_quietly();
    let at = |seconds| Deadline::at(Time::START + seconds * SECOND);
    let spent = RetryBudget::new(0);
    let usual = Policy {
        attempts: 3,
        deadline: at(60),
        idempotent: false,
        budget: None,
    };
    let idempotent = Policy {
        idempotent: true,
        ..usual
    };
    let short = Policy {
        deadline: at(4),
        ..usual
    };
    let budget = Some(&spent);
    // ANCHOR: main
    row(
        "refused, then well",
        usual,
        &[Err(Failed::NotDone("refused")), Ok("well")],
    );
    row(
        "refused each time",
        usual,
        &[Err(Failed::NotDone("refused"))],
    );
    row("no answer", usual, &[Err(Failed::MaybeDone("no answer"))]);
    row(
        "no answer, idempotent",
        idempotent,
        &[Err(Failed::MaybeDone("no answer")), Ok("well")],
    );
    row(
        "not allowed",
        idempotent,
        &[Err(Failed::Permanent("not allowed"))],
    );
    row("cancelled", idempotent, &[Err(Failed::Cancelled)]);
    row(
        "deadline before the third",
        short,
        &[Err(Failed::NotDone("refused"))],
    );
    row("deadline in the first", short, &[]);
    row(
        "budget is spent",
        Policy { budget, ..usual },
        &[Err(Failed::NotDone("refused"))],
    );
    // ANCHOR_END: main
}

/// Each attempt takes a second; the last answer is that of all further attempts. Without an answer it hangs.
fn row(name: &str, policy: Policy<'_>, answers: &[Answer]) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let timer = event_loop.handle();
    let delays = Delays::Doubling {
        first: SECOND,
        cap: 8 * SECOND,
    };
    let backoff = Backoff::new(delays, 10 * SECOND, NoJitter);
    let made = Cell::new(0);
    let operation = |number: u32| {
        made.set(number);
        let answer = answers.get(number as usize - 1).or(answers.last()).copied();
        let timer = timer.clone();
        async move {
            let Some(answer) = answer else {
                return pending().await;
            };
            timer.sleep(SECOND).await;
            answer
        }
    };
    let result = event_loop.block_on(retry(&timer, policy, backoff, operation));
    let result = match result {
        Ok(_) => "Ok".to_owned(),
        Err(gave_up) => format!("gave up: {:?}", gave_up.because),
    };
    let attempts = made.get();
    let ended = format!("{:?}", timer.now().since_start());
    println!("{name:26} {attempts} attempts   at {ended:4} {result}");
}
