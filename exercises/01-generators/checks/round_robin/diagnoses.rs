//! What is said of a wrong order.

use super::super::subject::Turn;
use super::machine::Model;
use super::tasks::Tasks;
use probe::{Run, What};

#[track_caller]
pub(super) fn expect_turn(run: &Run, tasks: &mut Tasks, model: &mut Model) {
    let (seen, right) = (tasks.turn(), model.turn());
    if seen != right {
        run.recorder().says("caller", format!("turn() → {seen:?}"));
        let number = |turn: &Option<Turn<u32, &str>>| match turn {
            Some(Turn::Yielded { task, .. } | Turn::Finished { task, .. }) => Some(*task),
            None => None,
        };
        let sentence = format!("A turn came back as {seen:?}; expected: {right:?}.");
        if number(&seen) != number(&right) {
            run.diagnose(
                "fixed-capacity",
                format!(
                    "{sentence} With a few tasks the order was right. Here 300 wait at the same time, and this one did not get its turn."
                ),
            );
        }
        run.departs(sentence);
    }
}

/// One call of `turn` resumed several times: says what that does. The first of these resumes has the number `before`.
#[track_caller]
pub(super) fn explain_several(run: &Run, before: usize, lanes: &[String]) -> ! {
    let second = Some(entered(run, before + 1));
    let (first, last) = (&lanes[0], before + lanes.len() - 1);
    let the_same = lanes.iter().all(|lane| lane == first);
    if the_same && completed(run, last) {
        run.diagnose_at(
            second,
            "runs-to-completion",
            format!(
                "One call of `turn` resumed {first} until it completed, while the others waited for that. A turn is one resume.",
            ),
        );
    }
    if completed(run, before) {
        run.diagnose_at(
            second,
            "completion-is-free",
            format!(
                "When {first} completed, the same call of `turn` went on to {}. What {first} completed with is lost: the caller never receives \
                 it.",
                lanes[1],
            ),
        );
    }
    run.departs_at(
        second,
        format!(
            "One call of `turn` resumed {}. A turn is one resume: of what they yielded, only the last is heard of.",
            lanes.join(", then "),
        ),
    );
}

/// Holds the order of turns against the right one: whom they name, and who was really resumed.
#[track_caller]
pub(super) fn expect(run: &Run, lanes: &[&str], order: &[usize], right: &[usize]) {
    if really(run, lanes) != right {
        unfair(run, lanes, right);
    }
    if let Some(wrong) = (0..order.len()).find(|&turn| order.get(turn) != right.get(turn)) {
        run.diagnose_at(
            Some(entered(run, wrong) + 1),
            "position-taken-for-number",
            format!(
                "The right tasks were resumed, but the turns name {order:?} where the tasks' numbers are {right:?}. A task's place \
                 in the queue changes; its number does not.",
            ),
        );
    }
}

/// Says what is known to make the order of turns different.
#[track_caller]
pub(super) fn unfair(run: &Run, lanes: &[&str], right: &[usize]) -> ! {
    let real = really(run, lanes);
    let Some(wrong) = (0..real.len()).find(|&turn| real.get(turn) != right.get(turn)) else {
        let waiting = lanes[right[real.len()]];
        run.departs(format!("`turn` said `None` while {waiting} was waiting."))
    };
    let event = Some(entered(run, wrong) + 1);
    let newest = lanes.len() - 1;
    match real[..] {
        [0, 0, ..] => run.diagnose_at(
            event,
            "unfair-round-robin",
            "The first task got two turns in a row while others were waiting: the task that was just resumed went first again.",
        ),
        [first, second, ..] if first == second && first == newest => run.diagnose_at(
            event,
            "lifo-starvation",
            "The newest task got the first two turns while others were waiting: tasks are taken from the end at which they are put \
             in.",
        ),
        _ if wrong > 0 && completed(run, wrong - 1) && right.get(wrong + 1) == Some(&real[wrong]) => run.diagnose_at(
            event,
            "neighbour-skipped",
            format!(
                "When {} had finished, {} lost its turn. A position in a list does this: when a task is taken out, others move to other \
                 places, and the position does not follow them.",
                lanes[real[wrong - 1]], lanes[right[wrong]]
            ),
        ),
        _ if lanes[real[wrong]] == "late" => run.diagnose_at(
            event,
            "jumps-the-queue",
            format!(
                "The task that was spawned last got its turn while {} was still waiting, and had waited longer.",
                lanes[right[wrong]]
            ),
        ),
        _ => run.departs_at(
            event,
            format!("This turn went to {}. The task that has waited longest comes next, and that is {}.", lanes[real[wrong]], lanes[right[wrong]]),
        ),
    }
}

/// The tasks that were resumed, as numbers, in order, independent of what the turns say.
fn really(run: &Run, lanes: &[&str]) -> Vec<usize> {
    let number = |lane: &String| lanes.iter().position(|known| known == lane);
    resumed(run).iter().filter_map(number).collect()
}

/// The lanes that were resumed, in order, as the spies saw it.
pub(super) fn resumed(run: &Run) -> Vec<String> {
    let events = run.recorder().recording().events;
    let resumes = events
        .into_iter()
        .filter(|event| matches!(event.what, What::Enters(_)));
    resumes.map(|event| event.track).collect()
}

/// Whether the resume of this number, from 0, was one that completed.
pub(super) fn completed(run: &Run, resume: usize) -> bool {
    let events = run.recorder().recording().events;
    let outcome = events.get(entered(run, resume) + 1);
    outcome.is_some_and(
        |event| matches!(&event.what, What::Leaves(outcome) if outcome.starts_with("completes")),
    )
}

/// The event with which the resume of this number, from 0, began.
pub(super) fn entered(run: &Run, resume: usize) -> usize {
    let events = run.recorder().recording().events;
    let mut resumes =
        (0..events.len()).filter(|&index| matches!(events[index].what, What::Enters(_)));
    resumes.nth(resume).unwrap_or(0)
}
