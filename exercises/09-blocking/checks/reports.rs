//! 9.4 reports: jobs of a pool that wait for jobs of a pool.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use event_loop::{EventLoop, Handle};
use futures::future::join_all;
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;
use wakers::oneshot::{self, Receiver, Sender};

const LINES: [&str; 4] = ["3", "never", "4", "5"];

const KNOWN: [Misconception<'static>; 4] = [
    Misconception {
        mistake: "waiting-job-frees-its-thread",
        predictions: &[
            &["2", "3", "3", "5"],
            &["2", "3", "3", "3"],
            &["2", "3", "2", "5"],
            &["2", "3", "3", "4"],
            &["3", "3", "3", "5"],
            &["3", "5", "4", "5"],
            &["3", "4", "4", "5"],
            &["3", "5", "3", "5"],
        ],
        sentence: "In your prediction the second program ends, so some thread runs the parts. Both threads are inside a report. A report \
                   that waits is a function that has not returned, and its thread takes no other job.",
    },
    Misconception {
        mistake: "parts-on-a-blocked-thread",
        predictions: &[
            &["2", "never", "4", "5"],
            &["2", "never", "3", "5"],
            &["2", "never", "3", "4"],
            &["2", "never", "3", "3"],
        ],
        sentence: "In your prediction both parts of the first program run at the same time. One of its two threads is blocked in the \
                   report, so the other one runs the parts one after the other.",
    },
    Misconception {
        mistake: "shared-pool-always-stops",
        predictions: &[
            &["never", "never", "never", "5"],
            &["3", "never", "never", "5"],
            &["never", "never", "4", "5"],
        ],
        sentence: "In your prediction a program stands still although one of its threads is free. A free thread runs the parts, however \
                   many reports wait for them.",
    },
    Misconception {
        mistake: "second-pool-blocked-too",
        predictions: &[
            &["3", "never", "4", "never"],
            &["3", "never", "never", "never"],
        ],
        sentence: "In your prediction the fourth program stands still. Its reports block both threads of their own pool. The parts have \
                   another pool, whose thread no report can take.",
    },
];

#[test]
fn the_prediction_is_what_the_pools_do() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "never"],
            guide: "a line is a second, as `7`, or `never`",
        },
    );
    predict::compare(&run!(), &prediction, &LINES, &KNOWN);
    let runs = [
        (run!("program_1"), 2, 1, false),
        (run!("program_2"), 2, 2, false),
        (run!("program_3"), 3, 2, false),
        (run!("program_4"), 2, 2, true),
    ];
    for ((run, threads, reports, own_pool), line) in runs.into_iter().zip(LINES) {
        let ended = program(&run, threads, reports, own_pool);
        let ended = ended.map_or("never".to_owned(), |second| second.to_string());
        assert_eq!(ended, line);
        snapshot!(run);
    }
}

/// A job: its name, and for a part the job that waits until it has ended.
enum Job {
    Report(&'static str),
    Part(String, Sender<()>),
}

/// What waits for a thread, and the threads that wait for a job.
#[derive(Default)]
struct Pool {
    jobs: RefCell<VecDeque<Job>>,
    idle: RefCell<VecDeque<Sender<()>>>,
}

impl Pool {
    fn submit(&self, job: Job) {
        self.jobs.borrow_mut().push_back(job);
        let idle = self.idle.borrow_mut().pop_front();
        if let Some(thread) = idle {
            let _woken = thread.send(());
        }
    }

    async fn next(&self) -> Job {
        loop {
            let job = self.jobs.borrow_mut().pop_front();
            if let Some(job) = job {
                return job;
            }
            let (sender, receiver) = oneshot::channel();
            self.idle.borrow_mut().push_back(sender);
            let _woken = receiver.await;
        }
    }
}

/// The second at which the last report returns. A thread is a task here, which sleeps where a thread would block.
fn program(run: &probe::Run, threads: usize, reports: usize, own_pool: bool) -> Option<u64> {
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(run)));
    let handle = event_loop.handle();
    let (pool, other) = (Rc::new(Pool::default()), Rc::new(Pool::default()));
    for report in ["report A", "report B"].into_iter().take(reports) {
        pool.submit(Job::Report(report));
    }
    let parts = if own_pool { &other } else { &pool };
    let returned = Rc::new(Cell::new((0, 0)));
    let names = ["thread 1", "thread 2", "thread 3"]
        .into_iter()
        .take(threads)
        .map(|name| (name, &pool));
    for (name, jobs) in names.chain(own_pool.then_some(("parts 1", &other))) {
        let thread = Thread {
            name,
            handle: handle.clone(),
            recorder: run.recorder().clone(),
            jobs: Rc::clone(jobs),
            parts: Rc::clone(parts),
            returned: Rc::clone(&returned),
        };
        let _runs_on = handle.spawn(thread.run());
    }
    event_loop.block_on(handle.sleep(Duration::from_secs(20)));
    let (count, second) = returned.get();
    if count < reports {
        run.recorder()
            .lacks("program", "at second 20 no report has returned");
    }
    (count == reports).then_some(second)
}

struct Thread {
    name: &'static str,
    handle: Handle,
    recorder: Recorder,
    jobs: Rc<Pool>,
    parts: Rc<Pool>,
    /// How many reports have returned, and when the last of them did.
    returned: Rc<Cell<(usize, u64)>>,
}

impl Thread {
    async fn run(self) {
        loop {
            match self.jobs.next().await {
                Job::Report(name) => self.report(name).await,
                Job::Part(name, returns) => {
                    self.works(&name).await;
                    self.says(format!("{name} returns"));
                    let _waited_for = returns.send(());
                }
            }
        }
    }

    async fn report(&self, name: &'static str) {
        self.works(name).await;
        self.says(format!("{name} submits its parts, and is blocked"));
        join_all([1, 2].map(|part| self.submit(format!("{name}, part {part}")))).await;
        self.says(format!("{name} returns"));
        let (count, _) = self.returned.get();
        let second = self.handle.now().since_start().as_secs();
        self.returned.set((count + 1, second));
    }

    fn submit(&self, name: String) -> Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.parts.submit(Job::Part(name, sender));
        receiver
    }

    async fn works(&self, name: &str) {
        self.says(format!("begins {name}"));
        self.handle.sleep(Duration::from_secs(1)).await;
    }

    fn says(&self, text: String) {
        self.recorder.says(self.name, text);
    }
}
