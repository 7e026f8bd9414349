//! Tests under thousands of schedules.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use debugging::schedules::{self, Schedules, Trial, replay};
use debugging::{Choices, Failure};
use event_loop::{panic_message, yield_now};

/// Two tasks read a number, yield, and write one more. The second begins later, so in the loop's own order the sum is right.
async fn lost_update(trial: Trial) {
    let number = Rc::new(Cell::new(0));
    let add = |late: bool| {
        let number = Rc::clone(&number);
        trial.handle().spawn(async move {
            if late {
                yield_now().await;
                yield_now().await;
            }
            let before = number.get();
            yield_now().await;
            number.set(before + 1);
        })
    };
    let tasks = [add(false), add(true)];
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(number.get(), 2, "an update is lost");
}

#[test]
fn a_seed_gives_the_same_run_each_time() {
    let order = |seed| {
        let order = Rc::new(RefCell::new(Vec::new()));
        let test = |trial: Trial| {
            let order = Rc::clone(&order);
            async move {
                let tasks: Vec<_> = (0..6)
                    .map(|number| {
                        let order = Rc::clone(&order);
                        trial.handle().spawn(async move {
                            yield_now().await;
                            order.borrow_mut().push(number);
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        };
        assert!(Schedules::of_seeds(seed..seed + 1).find(test).is_none());
        order.take()
    };
    let orders: Vec<_> = (0..40).map(order).collect();
    assert_eq!(orders, (0..40).map(order).collect::<Vec<_>>());
    let mut different = orders;
    different.sort();
    different.dedup();
    assert!(different.len() > 25, "{}", different.len());
}

#[test]
fn a_ready_task_may_run_before_every_older_one() {
    // A and B are ready. A wakes C, which may run before B: no order of the first batch does this.
    let found = Schedules::of_seeds(0..1_000).find(|trial| async move {
        let order = Rc::new(RefCell::new(String::new()));
        let say = |name: char| {
            let order = Rc::clone(&order);
            async move { order.borrow_mut().push(name) }
        };
        let (a, c) = (say('a'), say('c'));
        let handle = trial.handle().clone();
        let a = trial.handle().spawn(async move {
            a.await;
            handle.spawn(c).await.unwrap();
        });
        let b = trial.handle().spawn(say('b'));
        a.await.unwrap();
        b.await.unwrap();
        assert_ne!(*order.borrow(), "acb");
    });
    assert!(found.is_some());
}

#[test]
fn timers_for_the_same_time_fire_in_any_order_and_an_earlier_one_fires_first() {
    use futures::StreamExt as _;
    use futures::stream::FuturesUnordered;
    // One task waits for three sleeps, so only the order in which they fire is to be decided.
    let orders = RefCell::new(Vec::new());
    let test = |trial: Trial| {
        let orders = &orders;
        let order = Rc::new(RefCell::new(Vec::new()));
        orders.borrow_mut().push(Rc::clone(&order));
        async move {
            let sleep = |name, milliseconds| {
                let sleep = trial.handle().sleep(Duration::from_millis(milliseconds));
                async move {
                    sleep.await;
                    name
                }
            };
            let mut sleeps: FuturesUnordered<_> =
                [sleep('a', 5), sleep('b', 5), sleep('c', 5), sleep('d', 4)]
                    .into_iter()
                    .collect();
            while let Some(name) = sleeps.next().await {
                order.borrow_mut().push(name);
            }
        }
    };
    assert!(Schedules::of_seeds(0..200).find(test).is_none());
    let mut seen: Vec<String> = (orders.borrow().iter())
        .map(|order| order.borrow().iter().collect())
        .collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["dabc", "dacb", "dbac", "dbca", "dcab", "dcba"]);
}

#[test]
fn a_fault_is_found_shrunk_and_replayed() {
    let found = Schedules::of_seeds(0..1_000).find(lost_update).unwrap();
    assert!(
        matches!(&found.failure, Failure::Panicked { message, place }
        if message.contains("an update is lost") && place.contains("schedules.rs"))
    );
    let decisions = found.schedule.iter().filter(|&&decision| decision > 0);
    assert!(decisions.count() <= 3, "{found:?}");
    assert_eq!(
        replay(&found.schedule, lost_update).as_ref(),
        Some(&found.failure)
    );
    let alone = Schedules::of_seeds(found.seed..found.seed + 1);
    assert_eq!(alone.find(lost_update), Some(found));
}

#[test]
fn a_report_names_the_seed_the_failure_the_decisions_and_the_steps() {
    let panic = catch_unwind(|| Schedules::of_seeds(0..1_000).explore(lost_update)).unwrap_err();
    insta::assert_snapshot!(panic_message(&*panic));
}

#[test]
fn a_stuck_test_fails() {
    let failure = replay(&[], |_| std::future::pending());
    assert_eq!(failure, Some(Failure::Stuck { tasks: 1 }));
}

#[test]
fn the_report_about_a_stuck_test_says_what_each_task_waits_for() {
    let report = Schedules::of_seeds(0..1).check(|trial| async move {
        let _ended = trial.handle().spawn(std::future::pending::<()>()).await;
    });
    let report = report.unwrap_err();
    let left = "       task 1 waits for task 2\n       task 2 waits\n";
    assert!(report.contains(left), "{report}");
}

#[test]
fn what_a_test_leaves_behind_is_its_failure_and_what_still_ends_by_itself_is_not() {
    let leaves = |trial: Trial| async move {
        drop(trial.handle().spawn(std::future::pending::<()>()));
        let handle = trial.handle().clone();
        drop(
            trial
                .handle()
                .spawn(async move { handle.sleep(Duration::from_secs(1)).await }),
        );
    };
    let failure = replay(&[], leaves).unwrap();
    assert_eq!(
        failure.to_string(),
        "the test has returned and left 2 tasks and 1 timer in its loop"
    );
    let ends = |trial: Trial| async move {
        drop(trial.handle().spawn(async {
            yield_now().await;
            yield_now().await;
        }));
    };
    assert_eq!(replay(&[], ends), None);
}

#[test]
fn a_panic_that_no_task_retrieves_is_a_failure_and_one_that_is_retrieved_is_not() {
    let ignored = |trial: Trial| async move {
        drop(trial.handle().spawn(async { panic!("nobody asks") }));
    };
    let Some(Failure::Panicked { message, place }) = replay(&[], ignored) else {
        panic!("it fails");
    };
    assert!(
        message.ends_with("nobody asks") && place.contains("schedules.rs"),
        "{message} {place}"
    );
    let retrieved = |trial: Trial| async move {
        let child = trial.handle().spawn(async { panic!("expected") });
        assert!(child.await.is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| panic!("caught"))).is_err());
    };
    assert_eq!(replay(&[], retrieved), None);
}

#[test]
fn a_test_that_never_returns_is_ended() {
    let endless = |_| async {
        loop {
            yield_now().await;
        }
    };
    assert_eq!(replay(&[], endless), Some(Failure::Endless));
}

#[test]
fn two_failures_are_the_same_if_they_come_from_the_same_line() {
    let fails = |message: &str, place: &str| Failure::Panicked {
        message: message.to_owned(),
        place: place.to_owned(),
    };
    assert_eq!(fails("1 left", "a.rs:3"), fails("2 left", "a.rs:3"));
    assert_ne!(fails("1 left", "a.rs:3"), fails("1 left", "a.rs:4"));
    assert_ne!(fails("1 left", "a.rs:3"), Failure::Endless);
    assert_eq!(Failure::Stuck { tasks: 1 }, Failure::Stuck { tasks: 2 });
}

#[test]
fn the_decisions_of_a_test_are_part_of_its_schedule() {
    let found = Schedules::of_seeds(0..1_000).find(|trial| async move {
        let answers = [trial.choose(3), trial.choose(1), trial.choose(4)];
        assert!(answers != [2, 0, 0] && answers[2] != 3, "{answers:?}");
    });
    let schedule = found.unwrap().schedule;
    assert!(schedule == [2] || schedule == [0, 3], "{schedule:?}");
}

#[test]
fn a_list_ends_in_the_usual_order_and_a_decision_that_is_too_large_is_the_last_possible() {
    let choices = Choices::listed(&[9, 1]);
    let taken: Vec<usize> = [3, 1, 2, 5].map(|among| choices.choose(among)).into();
    assert_eq!(taken, [2, 0, 1, 0]);
    assert_eq!(choices.taken(), [2, 1, 0]);
}

#[test]
fn one_line_explores_a_thousand_schedules() {
    let runs = Cell::new(0);
    schedules::explore(|_| {
        runs.set(runs.get() + 1);
        async {}
    });
    assert_eq!(runs.get(), 1_000);
}
