//! Every short run, many entries and many sleeps.

use std::collections::VecDeque;
use std::time::Instant;

use super::super::subject::ReadyQueue;
use super::watched::Watched;
use event_loop::Unparker;
use probe::run;
use probe_loop::queue::{self, Plain, QueueMachine};
use probe_model::{alone, alone_at_length, compare};

#[test]
fn every_short_run_is_as_expected() {
    type Yours = QueueMachine<ReadyQueue<queue::Entry>>;
    type Reference = QueueMachine<Plain<queue::Entry>>;
    compare(queue::search(), || run!(), Yours::new, Reference::new);
}

#[test]
fn the_queue_holds_seventy_thousand_entries_and_one_batch_takes_them_all() {
    const ENTRIES: u32 = 70_000;
    alone_at_length(
        || run!(),
        |run| {
            let queue = ReadyQueue::new(Unparker::new(|| ()));
            let pushes = run
                .recorder()
                .enters("queue", format!("push, {ENTRIES} times"));
            for entry in 0..ENTRIES {
                match probe_model::expected(|| queue.push(entry)) {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => run.diagnose(
                        "refused-when-full",
                        format!("{entry} entries were in the open queue, and `push` returned the next one. An error means that the queue is closed."),
                    ),
                    Err(panic) if panic.message.contains("overflow") => {
                        run.departs(format!("{entry} entries were in the queue, and `push` panicked: {}.", panic.message))
                    }
                    Err(panic) => run.diagnose(
                        "refused-when-full",
                        format!("{entry} entries were in the open queue, and `push` panicked: {}. The queue has no bound.", panic.message),
                    ),
                }
            }
            pushes.returns("in");
            let call = run.recorder().enters("queue", "take_batch");
            let mut batch = Vec::new();
            queue.take_batch(&mut batch);
            call.returns(format!("{} entries", batch.len()));
            if let Some(place) = (0..)
                .zip(&batch)
                .position(|(expected, entry)| expected != *entry)
            {
                run.departs(format!("The entries were pushed in ascending order, and after {place} of the batch comes {}.", batch[place]));
            }
            if batch.len() != ENTRIES as usize {
                run.diagnose(
                    "batch-cut-short",
                    format!("{ENTRIES} entries were in the queue, and the batch has {} of them. A batch takes every entry that is there when `take_batch` begins.", batch.len()),
                );
            }
        },
    );
}

#[test]
fn a_long_batch_is_taken_in_the_time_that_copying_it_takes() {
    alone_at_length(
        || run!(),
        |run| {
            const LONG: usize = 12_000;
            let round = || {
                let queue = ReadyQueue::new(Unparker::new(|| ()));
                let mut plain = VecDeque::new();
                for entry in 0..LONG {
                    let _refused = queue.push([entry; 8]);
                    plain.push_back([entry; 8]);
                }
                let (mut batch, mut copied) = (Vec::new(), Vec::new());
                let start = Instant::now();
                queue.take_batch(&mut batch);
                let took = start.elapsed();
                let start = Instant::now();
                copied.extend(plain.drain(..));
                (took, start.elapsed())
            };
            let rounds = [(); 3].map(|()| round());
            // A crowded machine makes a round longer, so the shortest ones are compared.
            let least = rounds.iter().map(|round| round.0).min().unwrap_or_default();
            let copied = rounds.iter().map(|round| round.1).min().unwrap_or_default();
            if least > 100 * copied {
                run.recorder().says(
                    "queue",
                    format!("take_batch of {LONG} entries, three times"),
                );
                run.diagnose(
                    "quadratic-time",
                    format!(
                        "{LONG} entries were in the queue, and `take_batch` took at least {} times as long as copying them takes, \
                         each of three times: each entry that leaves the queue moves all that are behind it.",
                        least.as_nanos() / copied.as_nanos().max(1)
                    ),
                );
            }
        },
    );
}

#[test]
fn the_sleep_ends_three_hundred_times() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::whose_unparker(&probe::run!(), || ());
            for sleep in 1..=300 {
                let may_sleep = watched.fall_asleep();
                watched.push(sleep);
                let calls = watched.rings();
                watched.wake_up();
                let batch = watched.take();
                if (may_sleep, calls, &batch[..]) != (true, sleep as usize, &[sleep]) {
                    run.departs(format!(
                        "The taker fell asleep {sleep} times, and each time an entry was pushed and taken. The last time `fall_asleep` \
                         returned {may_sleep}, the unparker has been called {calls} times, and the batch was {batch:?}."
                    ));
                }
            }
        },
    );
}
