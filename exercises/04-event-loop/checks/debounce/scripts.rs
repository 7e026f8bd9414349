//! Scripts of messages and pauses.

use super::world::{QUIET, World};
use probe::run;

/// What happens in a short script, some milliseconds after the step before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Push(u64),
    SpuriousPoll(u64),
}

/// Plays a script, ends the input 10 ms later, and compares the emissions with those of the contract.
pub(super) fn try_script(script: &[Step]) {
    let world = World::new(run!());
    let (mut now, mut expected) = (0, Vec::new());
    let mut waiting = None;
    let mut value = 0;
    let emit_due = |waiting: &mut Option<(u64, u32)>, now: u64, expected: &mut Vec<(u64, u32)>| {
        if let Some((due, value)) = waiting.take_if(|(due, _)| *due < now) {
            expected.push((due, value));
        }
    };
    for step in script {
        match *step {
            Step::Push(gap) => {
                now += gap;
                value += 1;
                emit_due(&mut waiting, now, &mut expected);
                waiting = Some((now + QUIET, value));
                world.push_at(now, value);
            }
            Step::SpuriousPoll(gap) => {
                now += gap;
                world.wait_until(now);
                world.spurious_poll();
            }
        }
    }
    now += 15;
    emit_due(&mut waiting, now, &mut expected);
    world.wait_until(now);
    world.end_input();
    expected.extend(waiting.map(|(_, value)| (now, value)));
    world.wait_until(now + 2 * QUIET);
    world.has_emitted(&expected);
    if world.event_loop.tasks() > 0 {
        world.run.diagnose(
            "task-left-behind",
            "The input has ended, and the task has not completed.",
        );
    }
}
