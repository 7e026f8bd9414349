//! retry-delay: waits that double, up to a bound.

use std::time::Duration;

use super::subject::retry_delay;
use probe::{Run, run, snapshot};

#[test]
fn each_wait_is_twice_as_long_as_the_one_before() {
    let run = run!("doubles");
    for (retry, right) in [(0, 100), (1, 200), (2, 400)] {
        if ask(&run, retry) != Duration::from_millis(right) {
            run.departs(format!("The wait before retry {retry} is {right} ms."));
        }
    }
    snapshot!(run);
}

#[test]
fn no_wait_is_longer_than_ten_seconds() {
    let run = run!("bounded");
    for retry in [6, 7, 40] {
        if ask(&run, retry) > Duration::from_secs(10) {
            run.diagnose(
                "no-upper-bound",
                format!(
                    "The wait before retry {retry} is longer than ten seconds: nothing bounds it."
                ),
            );
        }
    }
    snapshot!(run);
}

/// Asks for a wait, and notes the answer.
fn ask(run: &Run, retry: u32) -> Duration {
    let delay = retry_delay(retry);
    run.recorder().says(
        "client",
        format!("before retry {retry}, it waits {delay:?}"),
    );
    delay
}
