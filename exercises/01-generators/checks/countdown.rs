//! 1.1 countdown: an iterator is the simplest generator.

use super::subject::Countdown;
use probe::{run, snapshot};
use probe_generators::spy_iterator;

#[test]
fn a_countdown_from_three_gives_three_two_one() {
    let run = run!("from_three");
    let mut countdown = spy_iterator(&run, "countdown", Countdown::from(3));
    let numbers: Vec<u32> = countdown.by_ref().take(3).collect();
    match numbers[..] {
        [3, 2, 1] => {}
        [2, 1, ..] => run.diagnose(
            "off-by-one",
            "The first number is one too small: you step down before you have given the number away.",
        ),
        [3, 3, ..] => run.diagnose(
            "forgot-to-advance",
            "The same number came twice: nothing that is remembered changes between one `next` and the next.",
        ),
        [1, 2, ..] => run.departs("This counts up. The first number is the one that was asked for."),
        _ => run.departs("The first three numbers should be 3, 2 and 1."),
    }
    snapshot!(run);
}
