//! The differences that have a name.

use super::steps::{JOINERS, TaskStep};
use probe::runs::{Known, Step};

/// The known mistakes that show in a short run without doubt.
pub const KNOWN: [Known<TaskStep>; 8] = [
    Known {
        mistake: "busy-poll",
        sentence: "The future returned `Pending` and woke nothing, and the loop was woken to poll the task again, without end.",
        shows: |difference| {
            difference.your_step().outcome() == "polls without end"
                && difference.expected_step().outcome() != "polls without end"
        },
    },
    Known {
        mistake: "panic-swallowed",
        sentence: "The future panicked, no joiner received the panic, and the loop reported nothing.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.outcome() == expected.outcome()
                && yours.about("the loop's report") == Some("reports nothing")
                && expected.about("the loop's report") == Some("reports the panic")
        },
    },
    Known {
        mistake: "woke-before-drop",
        sentence: "The task counted as finished, or its joiner was woken, and the future's destructors had not run yet.",
        shows: |difference| {
            let yours = difference.your_step();
            let early = JOINERS
                .iter()
                .any(|name| yours.about(name) == Some(TOLD_EARLY));
            let over = |step: &Step| {
                step.about("destructors")
                    .is_some_and(|said| said.contains(SAW_OVER))
            };
            let inside = |step: &Step| step.outcome().contains(SAW_OVER);
            let expected = difference.expected_step();
            early || (over(yours) && !over(expected)) || (inside(yours) && !inside(expected))
        },
    },
    Known {
        mistake: "destructor-panic-escapes",
        sentence: "A destructor of the future panicked, and the panic left the call.",
        shows: |difference| {
            difference.your_step() == &Step::panicked()
                && matches!(
                    difference.operation(),
                    Some(TaskStep::Cancel | TaskStep::DropHandle | TaskStep::Close)
                )
        },
    },
    Known {
        mistake: "output-thrown-away",
        sentence: "The future had returned `Ready`, and the joiner did not get the output.",
        shows: |difference| {
            difference.expected_step().outcome() == "Ready(Ok(output))"
                && difference.your_step().outcome().starts_with("Ready(Err")
        },
    },
    Known {
        mistake: "task-left-behind",
        sentence: "The task has finished, and the loop still keeps its part of it.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.outcome() == expected.outcome()
                && ["future", "destructors", "A", "B"]
                    .iter()
                    .all(|about| yours.about(about) == expected.about(about))
                && expected.about("the loop's list") == Some("holds 0 tasks")
                && yours.about("the loop's list") != Some("holds 0 tasks")
        },
    },
    Known {
        mistake: "forgot-to-wake",
        sentence: "The task has finished, and the joiner that polled it last was not woken.",
        shows: |difference| {
            JOINERS.iter().any(|name| {
                difference.your_step().about(name) == Some("is not woken")
                    && difference.expected_step().about(name) == Some("is woken")
            })
        },
    },
    Known {
        mistake: "cancel-twice",
        sentence: "`cancel` returned `true` although it changed nothing.",
        shows: |difference| {
            matches!(difference.operation(), Some(TaskStep::Cancel))
                && difference.your_step().outcome() == "true"
                && difference.expected_step().outcome() == "false"
        },
    },
];

pub(super) const TOLD_EARLY: &str = "was woken before the destructors had run";
pub(super) const SAW_OVER: &str = "the task had finished";
