//! The worker of the tests.

use std::io;
use std::time::Duration;

use blocking::process_pool::{limit_memory, serve};
use blocking::{Limits, Reason, Refused, ThreadPool};
use serde_json::Value;

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    if let Some(bytes) = std::env::args().nth(1) {
        limit_memory(bytes.parse().map_err(io::Error::other)?)?;
    }
    serve(|job: Value| match job["do"].as_str() {
        Some("crash") => std::process::exit(3),
        Some("forever") => loop {
            std::thread::park();
        },
        Some("print") => {
            println!("a worker prints, and its answer is whole");
            Value::Bool(true)
        }
        Some("fill") => {
            let bytes = job["bytes"].as_u64().unwrap_or_default();
            vec![1_u8; bytes as usize].len().into()
        }
        Some("start a thread") => started_without_memory().into(),
        Some("pid") => std::process::id().into(),
        _ => job,
    })
}

/// What a pool says that is to start its first thread when less than two mebibytes are left of what
/// `limit_memory` allows: a thread's stack needs that much.
fn started_without_memory() -> String {
    const MEBIBYTE: usize = 1 << 20;
    let mut filling = Vec::with_capacity(100_000);
    loop {
        let mut block = Vec::<u8>::new();
        if block.try_reserve_exact(MEBIBYTE).is_err() {
            break;
        }
        filling.push(block);
    }
    filling.pop(); // So that the refusal itself has room.
    let limits = Limits {
        threads: 1,
        idle: Duration::from_secs(10),
    };
    let pool = ThreadPool::new("late", limits);
    let said = match pool.submit(|| ()) {
        Ok(_) => "started".to_owned(),
        Err(Refused {
            reason: Reason::NoThread(_),
            ..
        }) => "no thread".to_owned(),
        Err(refused) => refused.to_string(),
    };
    drop(filling);
    // Memory is there again, and the pool is as good as new.
    let next = pool.submit(|| ()).map(wakers::block_on);
    match next {
        Ok(Ok(())) => said + ", then a job ran",
        _ => said + ", and then none ran",
    }
}
