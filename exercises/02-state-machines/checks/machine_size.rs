//! 2.5 machine-size: what a pair of braces saves, measured.

use super::subject::{Because, because, saved};
use probe::{run, snapshot};
use state_machines::sizes::with_a_buffer;

/// Somebody may have left out a byte or two of what is not the buffer; more would be another figure.
const ABOUT: usize = 8;

#[test]
fn the_braces_save_so_many_bytes() {
    let run = run!();
    let [used_after, used_before, in_a_block] = with_a_buffer();
    let saved = saved();
    run.recorder().says("answer", format!("{saved} bytes"));
    if saved.abs_diff(used_before - in_a_block) <= ABOUT / 2 {
        return;
    }
    let sizes = [
        used_after,
        used_before,
        in_a_block,
        used_before + in_a_block,
    ];
    if sizes.iter().any(|size| saved.abs_diff(*size) <= ABOUT / 2) {
        run.diagnose(
            "size-not-difference",
            format!("{saved} bytes is a size, or a sum of sizes. What the braces save is the difference between two machines."),
        );
    }
    if saved <= ABOUT {
        run.departs(format!("{saved} bytes would mean that the two are about as large as each other. The program prints their sizes."));
    }
    run.departs("The program prints the sizes of both. What is the difference?")
}

#[test]
fn the_reason_is_the_one_that_the_measurement_shows() {
    let run = run!();
    let reason = because();
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::ItsBlockEndsAfterThePause => {
            // Only a right answer is held beside the snapshot: a wrong one is not answered with the right one.
            let run = run!("the_reason");
            run.recorder().says("because", format!("{reason:?}"));
            snapshot!(run);
        }
        Because::ThePauseSavesTheStack => run.diagnose(
            "pause-saves-the-stack",
            "If a pause saved the stack of the function, the buffer inside of the braces would have been saved as well: both \
             functions have the same one.",
        ),
        Because::EveryLocalHasItsPlace => run.diagnose(
            "every-local-is-kept",
            "The buffer inside of the braces is a local variable too, and has no place in its machine.",
        ),
        Because::ItIsUsedAfterThePause => {
            run.departs("`used_before` adds its buffer up before it pauses, and does not look at it again.")
        }
    }
}
