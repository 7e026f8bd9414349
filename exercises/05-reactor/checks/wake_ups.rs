//! 5.1 wake-ups: level or edge, and how many.

use std::io::Read;

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{Run, run, snapshot};
use probe_io::{Kernel, Trigger};

#[test]
fn the_prediction_is_what_the_kernel_does() {
    predict::written_as(
        &run!(),
        &prediction(),
        Wording {
            forms: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
            guide: "each of the six is a number of wake-ups in digits: `0`, `1`, `2`",
        },
    );
    predict::compare(
        &run!(),
        &prediction(),
        &["3", "1", "1", "1", "10", "1"],
        &[
            Misconception {
                mistake: "edge-tells-again",
                predictions: &[
                    &["3", "3", "1", "1", "10", "1"],
                    &["3", "3", "1", "3", "10", "1"],
                    &["3", "3", "1", "1", "10", "10"],
                    &["3", "3", "1", "3", "10", "10"],
                    &["3", "2", "1", "1", "10", "1"],
                    &["3", "1", "1", "1", "10", "10"],
                    &["3", "1", "2", "1", "10", "1"],
                    &["3", "1", "2", "3", "10", "1"],
                ],
                sentence: "You predicted that the edge-triggered kernel reports the same bytes, or the same room, again. It reports each change once, \
                           and bytes that are left are no change.",
            },
            Misconception {
                mistake: "level-tells-once",
                predictions: &[
                    &["1", "1", "1", "1", "10", "1"],
                    &["1", "1", "1", "1", "1", "1"],
                    &["3", "1", "1", "1", "1", "1"],
                    &["1", "3", "1", "1", "1", "10"],
                    &["1", "3", "1", "1", "1", "1"],
                    &["1", "3", "1", "3", "1", "10"],
                    &["3", "1", "1", "1", "0", "0"],
                    &["1", "1", "1", "1", "0", "0"],
                ],
                sentence: "You predicted that the level-triggered kernel reports a state once. It reports it at each wait, as long as the state \
                           lasts.",
            },
            Misconception {
                mistake: "silent-until-drained",
                predictions: &[
                    &["3", "1", "0", "1", "10", "1"],
                    &["3", "1", "0", "1", "10", "0"],
                    &["3", "1", "0", "1", "10", "10"],
                ],
                sentence: "You predicted that the edge-triggered kernel does not report new bytes while old ones are left. New bytes are a change, \
                           so the task is woken. A reader that stops too early hangs only when no more bytes arrive.",
            },
            Misconception {
                mistake: "one-wake-up-a-read",
                predictions: &[
                    &["3", "1", "1", "3", "10", "1"],
                    &["3", "1", "1", "3", "10", "0"],
                    &["3", "1", "1", "4", "10", "1"],
                    &["3", "1", "1", "4", "10", "0"],
                    &["4", "1", "1", "1", "10", "1"],
                    &["4", "1", "1", "4", "10", "1"],
                    &["3", "3", "1", "4", "10", "1"],
                    &["3", "1", "1", "2", "10", "1"],
                    &["3", "1", "2", "2", "10", "1"],
                ],
                sentence: "You counted reads, or attempts that would block. A task may read many times after one wake-up; only the kernel's event \
                           is a wake-up.",
            },
            Misconception {
                mistake: "room-is-no-change",
                predictions: &[
                    &["3", "1", "1", "1", "10", "0"],
                    &["3", "1", "1", "1", "0", "1"],
                ],
                sentence: "You predicted that one of the two kernels does not report the room to write. Room at the first wait is an event too: the \
                           level-triggered kernel reports it at each wait, the edge-triggered one once.",
            },
        ],
    );
    let run = run!("six_rows");
    reads_once(&run, Trigger::Level, "1 level-triggered");
    let kernel = reads_once(&run, Trigger::Edge, "2 edge-triggered");
    kernel.arrives(&[b'.'; 10]);
    let more = wake_ups(&kernel, false);
    says(&run, "3 and 10 bytes more", more);
    let kernel = Kernel::new(Trigger::Edge);
    kernel.arrives(&[b'.'; 100]);
    says(&run, "4 until it would block", wake_ups(&kernel, true));
    for (trigger, name) in [
        (Trigger::Level, "5 level, only room"),
        (Trigger::Edge, "6 edge, only room"),
    ] {
        let kernel = Kernel::new(trigger);
        kernel.drains(1_000);
        says(
            &run,
            name,
            (0..10).filter(|_| kernel.wait().is_some()).count(),
        );
    }
    snapshot!(run);
}

fn reads_once(run: &Run, trigger: Trigger, name: &str) -> Kernel {
    let kernel = Kernel::new(trigger);
    kernel.arrives(&[b'.'; 100]);
    says(run, name, wake_ups(&kernel, false));
    kernel
}

/// How often the kernel wakes a task that reads 40 bytes each time, once or until the read would block.
fn wake_ups(kernel: &Kernel, drains: bool) -> usize {
    let mut count = 0;
    while count < 100 && kernel.wait().is_some() {
        count += 1;
        let mut socket = kernel;
        while socket.read(&mut [0; 40]).is_ok() && drains {}
    }
    count
}

fn says(run: &Run, name: &str, count: usize) {
    run.recorder().says(name, format!("wake-ups: {count}"));
}
