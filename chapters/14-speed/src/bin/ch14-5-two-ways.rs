//! Four workers and forty jobs of 10 ms, in simulated time: each worker keeps its own jobs, or takes
//! those of others when it has none.

use speed::stealing::RunQueues;

const WORKERS: usize = 4;
const JOB: u64 = 10;

// ANCHOR: simulate
/// The next job goes to the worker that is free first. Returns when each worker has finished.
fn finished_at(queues: &[RunQueues<u64>], number: impl Fn(usize) -> (usize, usize)) -> [u64; 4] {
    let mut clocks = [0; WORKERS];
    let mut working = vec![0, 1, 2, 3];
    while let Some(&worker) = working.iter().min_by_key(|worker| clocks[**worker]) {
        let (queue, number) = number(worker);
        match queues[queue].next(number) {
            Some(duration) => clocks[worker] += duration,
            None => working.retain(|other| *other != worker),
        }
    }
    clocks
}
// ANCHOR_END: simulate

// ANCHOR: two
/// Each worker has queues of its own, into which no other worker looks.
fn share_nothing(jobs: [usize; WORKERS]) -> [u64; WORKERS] {
    let queues: Vec<_> = jobs.map(|count| filled(1, &[count])).into();
    finished_at(&queues, |worker| (worker, 0))
}

/// All workers have one set of queues.
fn stealing(jobs: [usize; WORKERS]) -> [u64; WORKERS] {
    finished_at(&[filled(WORKERS, &jobs)], |worker| (0, worker))
}
// ANCHOR_END: two

fn filled(workers: usize, jobs: &[usize]) -> RunQueues<u64> {
    let queues = RunQueues::new(workers);
    for (worker, count) in jobs.iter().enumerate() {
        for _ in 0..*count {
            queues.push_own(worker, JOB);
        }
    }
    queues.close();
    queues
}

fn main() {
    closed_output::end_quietly();
    println!("jobs of each worker    share nothing: idle at, in ms    stealing: idle at, in ms");
    for jobs in [[10, 10, 10, 10], [16, 10, 8, 6], [40, 0, 0, 0]] {
        let row = [
            jobs.map(|count| count as u64),
            share_nothing(jobs),
            stealing(jobs),
        ];
        let [jobs, alone, together] =
            row.map(|cells| cells.map(|cell| format!("{cell:>4}")).concat());
        println!("{jobs:<22} {alone:<32} {together}");
    }
}
