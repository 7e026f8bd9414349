//! Jobs for other processes: one that computes, one that crashes, and one that does not end.

use std::io;
use std::process::Command;
use std::time::Duration;

use blocking::process_pool::{ProcessPool, serve};
use event_loop::EventLoop;
use futures::future::{Either, select};
use serde::{Deserialize, Serialize};

// ANCHOR: worker
#[derive(Serialize, Deserialize)]
enum Work {
    SumTo(u64),
    Crash,
    Forever,
}

fn work(job: Work) -> u64 {
    match job {
        Work::SumTo(limit) => (1..=limit).sum(),
        Work::Crash => std::process::abort(),
        Work::Forever => loop {
            std::thread::park();
        },
    }
}

/// The program starts itself again as a worker.
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    if std::env::args().nth(1).as_deref() == Some("worker") {
        return serve(work);
    }
    let program = std::env::current_exe()?;
    run(ProcessPool::new(2, move || {
        let mut command = Command::new(&program);
        command.arg("worker");
        command
    }));
    Ok(())
}
// ANCHOR_END: worker

// ANCHOR: run
fn run(pool: ProcessPool) {
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let ask = |work| pool.run::<Work, u64>(&work).expect("it can be sent");

        println!(
            "sum to a million: {:?}",
            ask(Work::SumTo(1_000_000)).await.ok()
        );

        let (crash, sum) = (ask(Work::Crash), ask(Work::SumTo(10)));
        println!("beside a crash: {:?}", sum.await.ok());
        println!("the crash: {}", crash.await.is_err());

        let limit = handle.sleep(Duration::from_millis(50));
        match select(ask(Work::Forever), limit).await {
            Either::Left(_) => println!("it has ended"),
            Either::Right(((), call)) => {
                drop(call);
                println!("after 50 ms: its worker is killed");
            }
        }
        println!("sum to ten: {:?}", ask(Work::SumTo(10)).await.ok());
        pool.close().await;
    });
}
// ANCHOR_END: run
