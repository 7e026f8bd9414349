//! Many tasks, several threads, and every short run.

use super::machine::{Reference, Step, Yours};
use super::{both_wait, lasting, polls, wait};
use probe::run;
use probe::runs::Search;
use probe_futures::poller;
use probe_model::sync::thread;
use probe_model::{Blame, alone, compare, explore, no_moment_is_missed};

#[test]
fn each_of_three_hundred_tasks_is_notified() {
    alone(
        || run!(),
        |run| {
            let notify = lasting();
            let recorder = probe::Recorder::default();
            let mut waits: Vec<_> = (0..300)
                .map(|_| (poller(&recorder, "a task"), Box::pin(notify.notified())))
                .collect();
            for (task, wait) in &mut waits {
                let _pending = task.poll(wait.as_mut());
            }
            run.recorder()
                .says("notification", "300 tasks wait, and 300 are sent");
            (0..300).for_each(|_| notify.notify_one());
            let ready = waits
                .iter_mut()
                .filter_map(|(task, wait)| {
                    (task.wakes() == 1 && task.poll(wait.as_mut()).is_ready()).then_some(())
                })
                .count();
            if ready != 300 {
                run.departs(format!(
                    "300 tasks waited, and 300 notifications were sent. {ready} of the tasks were woken once and are ready."
                ));
            }
        },
    );
}

#[test]
fn a_notification_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), wait);
}

#[test]
fn one_notification_is_received_once_although_a_task_is_dropped_meanwhile() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let notify = lasting();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let [mut first, mut second] = [0, 1].map(|_| Box::pin(notify.notified()));
            both_wait(run, [(&a, &mut first), (&b, &mut second)]);
            let other = thread::spawn(|| notify.notify_one());
            run.recorder().says("A", "is dropped");
            drop(first);
            other.join().expect("a notification does not panic");
            if b.wakes() == 0 || !polls(run, &b, &mut second) {
                run.diagnose(
                    "notification-lost",
                    "A and B waited. One thread sent one notification while another dropped A. B is pending: the notification is gone.",
                );
            }
            if polls(run, &a, &mut Box::pin(notify.notified())) {
                run.departs("One notification was sent, B has received it, and the next wait was ready, too.");
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    let alphabet = [
        Step::Polls(0),
        Step::Polls(1),
        Step::Polls(2),
        Step::One,
        Step::All,
        Step::Drops(0),
        Step::Drops(1),
    ];
    let search = Search::of(&alphabet).up_to(4).and_random(40, 14, 10);
    compare(search, || run!(), Yours::new, Reference::new);
}
