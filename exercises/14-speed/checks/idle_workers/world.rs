//! Workers as threads of the model, and entries that wait for each other.

use super::super::subject::RunQueues;
use probe::{Run, run};
use probe_model::sync::thread::{self, JoinHandle};
use probe_model::sync::{Arc, Condvar, Mutex};
use probe_model::{Blame, Ending, ending};

pub(crate) type Queues = Arc<RunQueues<&'static str>>;

pub(crate) const WORKERS: [&str; 5] = ["worker 0", "worker 1", "worker 2", "worker 3", "worker 4"];
pub(crate) const ENTRIES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

pub(crate) const BUSY: Blame<'static> = Blame {
    mistake: Some("busy-poll"),
    sentence: "All queues are empty, and a worker looks into them again and again. It must sleep until an entry is pushed.",
};

pub(crate) fn queues(workers: usize) -> Queues {
    Arc::new(RunQueues::new(workers))
}

/// Pushes to the shared queue.
pub(crate) fn push(run: &Run, queues: &Queues, entry: &'static str) {
    let call = run
        .recorder()
        .enters("another thread", format!("push({entry})"));
    queues.push(entry);
    call.returns("done");
}

/// Pushes to the queue of a worker, as that worker does while it runs an entry.
pub(crate) fn push_own(run: &Run, queues: &Queues, worker: usize, entry: &'static str) {
    let call = run
        .recorder()
        .enters(WORKERS[worker], format!("push_own({worker}, {entry})"));
    queues.push_own(worker, entry);
    call.returns("done");
}

pub(crate) fn next(run: &Run, queues: &Queues, worker: usize) -> Option<&'static str> {
    let call = run
        .recorder()
        .enters(WORKERS[worker], format!("next({worker})"));
    let entry = queues.next(worker);
    call.returns(entry.unwrap_or("None"));
    entry
}

/// An entry is finished when as many have begun as the gate was made for: each needs a worker of its own.
#[derive(Clone)]
pub(crate) struct Gate(Arc<(Mutex<usize>, Condvar)>);

impl Gate {
    pub(crate) fn for_entries(count: usize) -> Gate {
        Gate(Arc::new((Mutex::new(count), Condvar::new())))
    }

    pub(crate) fn begin(&self) {
        let (missing, all) = &*self.0;
        let mut missing = missing.lock().unwrap();
        *missing = missing.saturating_sub(1);
        if *missing == 0 {
            all.notify_all();
        }
        while *missing > 0 {
            missing = all.wait(missing).unwrap();
        }
    }
}

/// A thread that takes one entry and runs it.
pub(crate) fn worker(run: &Run, queues: &Queues, number: usize, gate: &Gate) -> JoinHandle<()> {
    let (run, queues, gate) = (run.clone(), Arc::clone(queues), gate.clone());
    thread::spawn(move || {
        if next(&run, &queues, number).is_none() {
            run.departs("The queues are open, and `next` returned `None`.");
        }
        gate.begin();
    })
}

/// A thread that pushes one entry to the shared queue.
pub(crate) fn pusher(run: &Run, queues: &Queues, entry: &'static str) -> JoinHandle<()> {
    let (run, queues) = (run.clone(), Arc::clone(queues));
    thread::spawn(move || push(&run, &queues, entry))
}

pub(crate) fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for thread in threads {
        thread
            .join()
            .expect("the model ends a run in which a thread panics");
    }
}

/// Lets the other threads go on until they sleep or are busy.
pub(crate) fn give_way() {
    for _ in 0..60 {
        thread::yield_now();
    }
}

/// Runs `body` once. A sleep of all threads is `asleep`.
#[track_caller]
pub(crate) fn once(
    named: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) -> Run {
    let (run, end) = ending(named, BUSY, body);
    match end {
        Ending::Returned => run,
        Ending::Asleep => match asleep.mistake {
            Some(mistake) => run.diagnose(mistake, asleep.sentence),
            None => run.departs(asleep.sentence),
        },
        Ending::Panicked(panic) => run.departs(format!(
            "A thread panicked: {}.",
            panic.message.trim_end_matches('.')
        )),
    }
}

pub(crate) fn unnamed() -> Run {
    run!()
}
