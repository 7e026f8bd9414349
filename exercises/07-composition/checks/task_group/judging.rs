//! What a group has to be ready with, and what is said when it is not.

use std::any::Any;

use super::super::subject::{Failed, TaskGroup};
use super::world::World;

pub(crate) type Output = Result<u32, Vec<Failed<&'static str>>>;

pub(crate) const STUCK: &str =
    "The group is pending, and the loop is stuck: no task is woken, and no timer is set.";

/// What the group is ready with.
#[track_caller]
pub(crate) fn ready_with(world: &World, group: TaskGroup<'static, u32, &'static str>) -> Output {
    let Some(output) = world.drive(group) else {
        let waits = ["a", "b", "c", "body", "cleanup"]
            .iter()
            .any(|name| world.is_there(name));
        if waits {
            world.run.departs(STUCK);
        }
        world.run.diagnose(
            "forgot-to-wake",
            "The body, the children and their cleanup are gone, the group is pending, and the task that polls it was not woken.",
        );
    };
    let words = match &output {
        Ok(value) => format!("is ready: Ok({value})"),
        Err(failures) => format!("is ready: Err([{}])", in_words(failures).join(", ")),
    };
    world.says("group", words);
    output
}

#[track_caller]
pub(crate) fn refuse_orphans(world: &World, names: &[&str]) {
    for name in names {
        if !world.has_ended(name) {
            world.run.recorder().lacks(name, "is still there");
            world.run.diagnose(
                "orphaned",
                format!("The group has ended, and {name} has not finished and was not cancelled."),
            );
        }
    }
}

#[track_caller]
pub(crate) fn refuse_lost_cleanup(world: &World) {
    if world.said("cleanup", "is dropped") {
        world.run.diagnose(
            "cleanup-cancelled",
            "Cleanup was spawned through the group's spawner, and it was dropped before it had finished.",
        );
    }
    if !world.said("cleanup", "finishes") {
        world.run.recorder().lacks("cleanup", "has not finished");
        world.run.diagnose(
            "cleanup-not-waited-for",
            "The group is ready, and cleanup that was spawned through its spawner has not finished.",
        );
    }
}

#[track_caller]
pub(crate) fn expect_value(world: &World, output: &Output) {
    match output {
        Ok(7) => {}
        Ok(other) => world
            .run
            .departs(format!("The body returned 7, and the group {other}.")),
        Err(failures) => world.run.departs(format!(
            "Nothing failed, and the group returned the failures [{}].",
            in_words(failures).join(", ")
        )),
    }
}

#[track_caller]
pub(crate) fn expect_failures(world: &World, output: Output, expected: &[&str]) {
    let list = expected.join(", ");
    let failures = match output {
        Ok(value) => world.run.departs(format!(
            "The failures were [{list}], and the group returned Ok({value})."
        )),
        Err(failures) => in_words(&failures),
    };
    if failures == expected {
        return;
    }
    let got = failures.join(", ");
    if failures.len() < expected.len() && failures.iter().all(|one| expected.contains(&&**one)) {
        let missing = |one: &&&str| !failures.iter().any(|got| got == **one);
        let only_panics = expected
            .iter()
            .filter(missing)
            .all(|one| one.ends_with("panics"));
        let code = if only_panics {
            "panic-swallowed"
        } else {
            "one-error-hides-another"
        };
        world.run.diagnose(
            code,
            format!(
                "In one iteration of the loop these failed: {list}. The group returned [{got}]."
            ),
        );
    }
    world.run.departs(format!(
        "The failures were [{list}], and the group returned [{got}]."
    ));
}

pub(crate) fn in_words(failures: &[Failed<&'static str>]) -> Vec<String> {
    let one = |failed: &Failed<&'static str>| match failed {
        Failed::Error(name) => (*name).to_owned(),
        Failed::Panicked(panic) => message(&**panic).to_owned(),
    };
    failures.iter().map(one).collect()
}

pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else {
        panic.downcast_ref::<String>().map_or("", |text| text)
    }
}
