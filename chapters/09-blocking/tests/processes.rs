//! Pools of processes.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use blocking::process_pool::{Call, Failed, ProcessPool};
use futures::FutureExt;
use futures::future::join_all;
use serde_json::{Value, json};
use wakers::block_on;

fn pool(size: usize) -> ProcessPool {
    ProcessPool::new(size, || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch09-worker"));
        command.stderr(Stdio::null());
        command
    })
}

fn ask(pool: &ProcessPool, job: &Value) -> Call<Value> {
    pool.run(job).unwrap()
}

#[test]
fn a_thousand_jobs_run_on_two_workers_and_each_has_its_own_answer() {
    let pool = pool(2);
    let calls: Vec<_> = (0..1_000)
        .map(|number| ask(&pool, &json!(number)))
        .collect();
    let answers = block_on(join_all(calls));
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), json!(number));
    }
    assert!(pool.processes() <= 2, "{pool:?}");
    block_on(pool.close());
}

#[test]
fn a_worker_that_crashes_fails_its_own_job_and_is_replaced() {
    let pool = pool(1);
    let crash = ask(&pool, &json!({"do": "crash"}));
    let next = ask(&pool, &json!(7));
    match block_on(crash) {
        Err(Failed::Ended(Some(status))) => assert_eq!(status.code(), Some(3)),
        other => panic!("{other:?}"),
    }
    assert_eq!(block_on(next).unwrap(), json!(7));
    assert_eq!(pool.processes(), 1);
    block_on(pool.close());
}

/// A pool of one worker that may use this many bytes.
#[cfg(target_os = "linux")]
fn limited(bytes: u64) -> ProcessPool {
    ProcessPool::new(1, move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch09-worker"));
        command.arg(bytes.to_string()).stderr(Stdio::null());
        command
    })
}

#[test]
#[cfg(target_os = "linux")]
fn a_pool_that_gets_no_thread_refuses_the_job_and_takes_the_next() {
    let pool = limited(256 << 20);
    let said = block_on(ask(&pool, &json!({"do": "start a thread"})));
    assert_eq!(said.unwrap(), json!("no thread, then a job ran"));
    block_on(pool.close());
}

#[test]
#[cfg(target_os = "linux")]
fn a_worker_that_needs_more_memory_than_it_may_fails_its_own_job() {
    let pool = limited(256 << 20);
    let fill = |bytes: u64| json!({"do": "fill", "bytes": bytes});
    let small = ask(&pool, &fill(16 << 20));
    let large = ask(&pool, &fill(512 << 20));
    let next = ask(&pool, &json!(7));
    assert_eq!(block_on(small).unwrap(), json!(16 << 20));
    let failed = block_on(large).unwrap_err();
    assert!(
        matches!(failed, Failed::Ended(Some(status)) if !status.success()),
        "{failed}"
    );
    assert_eq!(block_on(next).unwrap(), json!(7));
    block_on(pool.close());
}

#[test]
fn a_worker_may_print() {
    let pool = pool(1);
    assert_eq!(
        block_on(ask(&pool, &json!({"do": "print"}))).unwrap(),
        json!(true)
    );
    assert_eq!(block_on(ask(&pool, &json!(7))).unwrap(), json!(7));
    block_on(pool.close());
}

#[test]
fn ten_megabytes_go_both_ways() {
    let pool = pool(1);
    let job = json!("x".repeat(10_000_000));
    assert!(block_on(ask(&pool, &job)).unwrap() == job);
    block_on(pool.close());
}

#[test]
fn a_dropped_call_kills_its_worker() {
    let pool = pool(1);
    let before = block_on(ask(&pool, &json!({"do": "pid"}))).unwrap();
    let mut call = ask(&pool, &json!({"do": "forever"}));
    // The only worker runs it, or is about to: the next job waits for it in both cases.
    assert!((&mut call).now_or_never().is_none());
    drop(call);
    let after = block_on(ask(&pool, &json!({"do": "pid"}))).unwrap();
    if before == after {
        // The call was dropped before a thread had started it, so its worker was left in peace.
        assert_eq!(pool.processes(), 1);
    }
    block_on(pool.close());
}

#[test]
fn an_idle_worker_runs_the_next_job() {
    let pool = pool(3);
    let mut pids = BTreeSet::new();
    for _ in 0..10 {
        let pid = block_on(ask(&pool, &json!({"do": "pid"}))).unwrap();
        pids.insert(pid.as_u64().unwrap());
    }
    assert_eq!(pids.len(), 1);
    block_on(pool.close());
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_pool_leaves_no_process() {
    let pool = pool(3);
    let calls: Vec<_> = (0..9).map(|_| ask(&pool, &json!({"do": "pid"}))).collect();
    let pids = block_on(join_all(calls));
    block_on(pool.close());
    for pid in pids {
        let pid = pid.unwrap().as_u64().unwrap();
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}

#[test]
fn a_program_that_is_not_there_fails_each_job() {
    let pool = ProcessPool::new(1, || Command::new("/no/such/program"));
    let answer: Result<Value, _> = block_on(pool.run(&7).unwrap());
    assert!(matches!(answer, Err(Failed::NotStarted(_))), "{answer:?}");
    assert_eq!(pool.processes(), 0);
}

#[test]
fn a_program_that_speaks_another_protocol_fails_its_job() {
    let pool = ProcessPool::new(1, || {
        let mut command = Command::new("echo");
        command.arg("hello, this is no frame");
        command
    });
    let answer: Result<Value, _> = block_on(pool.run(&7).unwrap());
    assert!(matches!(answer, Err(Failed::Ended(_))), "{answer:?}");
    assert_eq!(pool.processes(), 0);
}
