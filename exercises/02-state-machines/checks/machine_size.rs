//! 2.5 machine-size: how many bytes a pair of braces saves, measured.

use super::subject::{Because, because, saved};
use probe::{predict, run, snapshot};
use state_machines::sizes::with_a_buffer;

#[test]
fn the_answer_is_the_number_of_bytes_that_the_braces_save() {
    let run = run!();
    let [used_after, used_before, in_a_block] = with_a_buffer();
    let saved = predict::steady(&run, saved);
    run.recorder().says("answer", format!("{saved} bytes"));
    if saved == used_before - in_a_block {
        return;
    }
    let sizes = [
        used_after,
        used_before,
        in_a_block,
        used_before + in_a_block,
    ];
    if sizes.contains(&saved) {
        run.diagnose(
            "size-not-difference",
            format!("{saved} bytes is the size of one machine, or of two together. What the braces save is the difference between two sizes."),
        );
    }
    if saved == used_before.abs_diff(used_after) || saved == used_after.abs_diff(in_a_block) {
        run.diagnose(
            "sizes-of-another-pair",
            format!("{saved} bytes is the difference between the sizes of another pair: one of the two is `used_after`. The braces are in `in_a_block`, and without them it is `used_before`."),
        );
    }
    run.departs(format!(
        "{saved} is not the difference between the sizes of `used_before` and `in_a_block`. The program prints both: the answer is exact."
    ))
}

#[test]
fn the_reason_is_the_one_that_the_measurement_shows() {
    let run = run!();
    let reason = predict::steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::ItsBlockEndsAfterThePause => {
            // A right answer alone is compared with the snapshot, so that a wrong one does not show it.
            let run = run!("the_reason");
            run.recorder().says("because", format!("{reason:?}"));
            snapshot!(run);
        }
        Because::ThePauseSavesTheStack => run.diagnose(
            "pause-saves-the-stack",
            "If a suspension point saved the stack of the function, it would save the buffer of `in_a_block`, too: both functions have \
             the same buffer.",
        ),
        Because::EveryLocalHasItsPlace => run.diagnose(
            "every-local-is-kept",
            "The buffer of `in_a_block` is a local variable, too, and its machine has no room for it.",
        ),
        Because::ItIsUsedAfterThePause => run.diagnose(
            "used-after-suspension",
            "`used_before` adds its buffer up before its suspension point and does not use it after that.",
        ),
    }
}
