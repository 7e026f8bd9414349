//! 2.2 lowered: two awaits and a branch, without `async`.

#[path = "lowered/sites.rs"]
mod sites;

use super::subject::refresh;
use probe::detect::DropCounter;
use probe::runs::{Known, Search, Step as Seen};
use probe::{run, snapshot};
use probe_futures::children::{
    Event, Family, NEVER_DROPPED, Nursery, PANIC_SWALLOWED, WAKER_LEAKED,
};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::laws::dropping;
use probe_futures::poller;
use sites::{Gates, Nursed, Scripted, drive, expect_new, first_that_says};
use state_machines::site::{self, Refreshed};

#[test]
fn the_site_is_not_asked_before_the_first_poll() {
    let run = run!();
    let site = Scripted::new(&run, 2, 1, 1);
    drop(driving::does_nothing_until_polled(&run, || {
        refresh(&site, 1)
    }));
}

#[test]
fn the_known_version_is_current_and_is_not_downloaded() {
    let run = run!("what_is_known");
    let site = Scripted::new(&run, 2, 1, 1);
    match drive(&run, &site, 2) {
        Refreshed::Current if first_that_says(&run, "is asked for the text").is_some() => run.diagnose_at(
            first_that_says(&run, "is asked for the text"),
            "asked-for-nothing",
            "The site has the known version, and was asked for the text all the same. Compare first, and ask for the text if it is needed.",
        ),
        Refreshed::Current => snapshot!(run),
        Refreshed::New { .. } => run.diagnose_at(
            first_that_says(&run, "is asked for the text"),
            "wrong-branch",
            "The site has the known version, and the answer is `New`. Expected: `Current`.",
        ),
    }
}

#[test]
fn another_version_is_downloaded() {
    let run = run!("a_newer_one");
    let site = Scripted::new(&run, 2, 1, 1);
    expect_new(&run, &drive(&run, &site, 1), 1);
    snapshot!(run);
}

#[test]
fn answers_that_are_ready_at_once_need_one_poll() {
    let run = run!("at_once");
    let site = Scripted::new(&run, 2, 0, 0);
    expect_new(&run, &drive(&run, &site, 1), 1);
    snapshot!(run);
}

#[test]
fn a_version_below_the_known_one_is_downloaded_too() {
    let run = run!("an_older_one");
    let site = Scripted::new(&run, 2, 1, 1);
    match drive(&run, &site, 3) {
        Refreshed::New { .. } => snapshot!(run),
        Refreshed::Current => run.diagnose(
            "wrong-branch",
            "Version 3 is known, the site has version 2, and the answer is `Current`. Expected: `New`. The function compares the two \
             for equality only.",
        ),
    }
}

#[test]
fn each_step_is_that_of_the_compilers_machine() {
    for known in 1..=3 {
        for (version, download) in [(0, 0), (3, 0), (0, 3), (2, 4)] {
            let (theirs, ours) = (run!(), run!());
            let site = Scripted::new(&theirs, 2, version, download);
            let by_the_compiler = site::refresh(&site, known);
            let a = poller(theirs.recorder(), "A");
            let right = Driven::in_turn(&theirs, "refresh", by_the_compiler).run(&a, 20);
            let site = Scripted::new(&ours, 2, version, download);
            let answer = drive(&ours, &site, known);
            let departure = driving::first_departure(&ours, &theirs);
            match right {
                Some(right) if answer != right => ours.departs_at(
                    departure,
                    format!(
                        "Version {known} is known, and the site has version 2. The answer is `{answer:?}`. Expected: `{right:?}`, as the \
                         compiler's machine has it.",
                    ),
                ),
                _ => {}
            }
            let asks = |run: &probe::Run| -> usize {
                let events = run.recorder().recording().events;
                events.iter().filter(|event| event.track == "site").count()
            };
            if asks(&ours) > asks(&theirs) {
                ours.diagnose_at(
                    departure,
                    "asked-for-nothing",
                    format!(
                        "The answer is the expected one. Your machine asked the site {} times, and the compiler's {} times.",
                        asks(&ours),
                        asks(&theirs)
                    ),
                );
            }
            if ours.recorder().recording() != theirs.recorder().recording() {
                ours.departs_at(departure, "The answer is the expected one, but this step is not that of the machine which the compiler makes.");
            }
        }
    }
}

#[test]
fn a_child_that_has_answered_is_dropped() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    let a = poller(run.recorder(), "A");
    let _poll = machine.poll(&a);
    site.open_version();
    let _poll = machine.poll(&a);
    run.recorder()
        .says("caller", "checks that the version's child was dropped");
    if site.version_lives() {
        run.diagnose(
            "finished-child-kept",
            "The version's child was ready, the text's child is pending, and the first of the two was not dropped: what it holds stays \
             in memory for nothing.",
        );
    }
}

/// Which branch was taken is seen in the outcome.
const WRONG_BRANCH: Known<Event> = Known {
    mistake: "wrong-branch",
    sentence: "The machine took another branch than the function.",
    shows: |difference| {
        let says = |step: &Seen, word: &str| step.outcome().contains(word);
        let (yours, theirs) = (difference.your_step(), difference.expected_step());
        says(yours, "Current") && (says(theirs, "New") || says(theirs, "pending"))
            || says(theirs, "Current") && says(yours, "New")
    },
};

/// The text of version 0 is empty.
const EMPTY_TEXT: Known<Event> = Known {
    mistake: "empty-part-forgotten",
    sentence: "The text was empty. An empty text is an answer like any other.",
    shows: |difference| {
        let empty = difference.expected_step().outcome().contains("text: \"\"");
        empty && difference.your_step().outcome() != difference.expected_step().outcome()
    },
};

#[test]
fn either_child_wakes_the_task_that_polled_last() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    driving::wakes_reach_the_caller(&run, &mut machine, "version", || site.open_version());
    driving::wakes_reach_the_caller(&run, &mut machine, "download", || site.open_download());
    if machine.poll(&poller(run.recorder(), "C")).is_pending() {
        run.departs("Both children were ready, and the future is pending.");
    }
}

#[test]
fn dropped_after_any_poll_it_drops_its_child() {
    let held = DropCounter::new();
    dropping::at_every_pause(
        || run!(),
        |run| {
            let site = Box::leak(Box::new(Scripted::new(run, 2, 2, 2).holding(&held)));
            (refresh(site, 1), ())
        },
        |()| {},
        |run, (), _pauses| {
            if held.alive() > 0 {
                run.diagnose(
                    "never-dropped",
                    "The future was dropped, and a child of it is still alive: it was put where dropping does not reach.",
                );
            }
        },
    );
}

#[test]
fn a_machine_that_is_ready_keeps_no_child() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    let a = poller(run.recorder(), "A");
    let _poll = machine.poll(&a);
    site.open_version();
    let _poll = machine.poll(&a);
    site.open_download();
    let _poll = machine.poll(&a);
    run.recorder()
        .says("caller", "checks that the text's child was dropped");
    if site.download_lives() {
        run.diagnose(
            "finished-child-kept",
            "The machine is ready, and the text's child was not dropped: it lives as long as the machine, which may be kept for long.",
        );
    }
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 2));
    let a = poller(run.recorder(), "A");
    let _poll = machine.poll(&a);
    site.open_version();
    let _poll = machine.poll(&a);
    run.recorder()
        .says("caller", "checks that the version's child was dropped");
    if site.version_lives() {
        run.diagnose(
            "finished-child-kept",
            "The machine is ready, and the version's child was not dropped: it lives as long as the machine, which may be kept for long.",
        );
    }
}

#[test]
fn each_poll_after_the_end_panics() {
    for known in [2, 1] {
        let run = run!();
        let site = Scripted::new(&run, 2, 0, 0);
        let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, known));
        let a = poller(run.recorder(), "A");
        let _refreshed = machine.run(&a, 3);
        machine.panics_after_the_end(&a);
    }
}

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 2] = ["version", "download"];
    for (known, newest) in [(1, 2), (2, 2), (3, 2), (u32::MAX, u32::MIN)] {
        let yours = || {
            let build = |nursery: &Nursery| {
                let site = Nursed(nursery.clone(), newest);
                async move { refresh(&site, known).await }
            };
            Family::new("refresh", &NAMES, build, |refreshed| {
                format!("{refreshed:?}")
            })
            .telling_which_children_are_alive()
        };
        let reference = || {
            let build = |nursery: &Nursery| {
                let site = Nursed(nursery.clone(), newest);
                async move { site::refresh(&site, known).await }
            };
            Family::new("refresh", &NAMES, build, |refreshed| {
                format!("{refreshed:?}")
            })
            .telling_which_children_are_alive()
        };
        Search::of(&Event::alphabet(&NAMES))
            .up_to(5)
            .and_random(20, 30, 2_02)
            .leaving_no_memory()
            .naming(&[
                NEVER_DROPPED,
                PANIC_SWALLOWED,
                WAKER_LEAKED,
                WRONG_BRANCH,
                EMPTY_TEXT,
            ])
            .compare(&run!(), yours, reference);
    }
}
