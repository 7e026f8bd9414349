//! Green threads: what a switch, a new one and a suspended one cost, beside corosensei, threads of the system, tasks, and
//! Python's greenlet and gevent.
//!
//! It knows what it compares. It does not know sockets.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use ::green::{Coroutine, Yielder};
use corosensei::{Coroutine as Corosensei, CoroutineResult};
use generators::{Generator, Step};

use crate::echo::machine;
use crate::table::median;

/// Switches of one measured run: there and back count as two.
const SWITCHES: usize = 200_000;

/// Threads of one measured run that are made, run and dropped.
const SPAWNS: usize = 2_000;

/// How many are suspended at the same time where their memory is measured.
const SUSPENDED: usize = 10_000;

struct Kind {
    name: &'static str,
    /// Nanoseconds a switch; no number if it is not installed.
    switch: fn() -> f64,
    /// Nanoseconds to make one, run it and drop it.
    spawn: fn() -> f64,
    memory: Memory,
}

/// How the memory of suspended ones is measured.
enum Memory {
    /// Here: makes this number of them, suspended. The value keeps them.
    Kept(fn(usize) -> Box<dyn std::any::Any>),
    /// By the Python script, for this module.
    Python(&'static str),
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "this course",
        switch: || {
            let mut one = Coroutine::new(|out: &Yielder<usize, usize>, mut value| {
                loop {
                    value = out.suspend(value);
                }
            })
            .expect("the system gives a stack");
            let _: Step<usize, ()> = one.resume(0);
            each(SWITCHES, || {
                for number in 0..SWITCHES / 2 {
                    std::hint::black_box(one.resume(number));
                }
            })
        },
        spawn: || {
            each(SPAWNS, || {
                for number in 0..SPAWNS {
                    let body = move |_: &Yielder<(), ()>, ()| number;
                    let mut one = Coroutine::new(body).expect("the system gives a stack");
                    std::hint::black_box(one.resume(()));
                }
            })
        },
        memory: Memory::Kept(|count| {
            Box::new(Vec::from_iter((0..count).map(|_| {
                let mut one = Coroutine::new(|out: &Yielder<(), ()>, ()| out.suspend(()))
                    .expect("the system gives a stack");
                let _ = one.resume(());
                one
            })))
        }),
    },
    Kind {
        name: "corosensei",
        switch: || {
            let mut one = Corosensei::new(|out: &corosensei::Yielder<usize, usize>, mut value| {
                loop {
                    value = out.suspend(value);
                }
            });
            let _: CoroutineResult<usize, ()> = one.resume(0);
            each(SWITCHES, || {
                for number in 0..SWITCHES / 2 {
                    match std::hint::black_box(one.resume(number)) {
                        CoroutineResult::Yield(_) => {}
                        CoroutineResult::Return(()) => unreachable!("it loops"),
                    }
                }
            })
        },
        spawn: || {
            each(SPAWNS, || {
                for number in 0..SPAWNS {
                    let stack = corosensei::stack::DefaultStack::new(::green::coroutine::STACK);
                    let stack = stack.expect("the system gives a stack");
                    let mut one: Corosensei<(), (), usize> =
                        Corosensei::with_stack(stack, move |_, ()| number);
                    let _ = std::hint::black_box(one.resume(()));
                }
            })
        },
        memory: Memory::Kept(|count| {
            Box::new(Vec::from_iter((0..count).map(|_| {
                let stack = corosensei::stack::DefaultStack::new(::green::coroutine::STACK);
                let stack = stack.expect("the system gives a stack");
                let mut one: Corosensei<(), (), ()> =
                    Corosensei::with_stack(stack, |out, ()| out.suspend(()));
                let _ = one.resume(());
                one
            })))
        }),
    },
    Kind {
        name: "threads of the system",
        switch: || {
            let (to, from) = (
                mpsc::sync_channel::<usize>(0),
                mpsc::sync_channel::<usize>(0),
            );
            let (there, hears) = to;
            let (answers, back) = from;
            let other = std::thread::spawn(move || {
                while let Ok(value) = hears.recv() {
                    let _ = answers.send(value);
                }
            });
            let rounds = SWITCHES / 40;
            let nanoseconds = each(rounds * 2, || {
                for number in 0..rounds {
                    there.send(number).expect("the other thread hears");
                    back.recv().expect("the other thread answers");
                }
            });
            drop(there);
            other.join().expect("it does not panic");
            nanoseconds
        },
        spawn: || {
            each(SPAWNS, || {
                for number in 0..SPAWNS {
                    let one = std::thread::spawn(move || number);
                    std::hint::black_box(one.join().expect("it does not panic"));
                }
            })
        },
        memory: Memory::Kept(|count| {
            struct Threads(Vec<(mpsc::Sender<()>, std::thread::JoinHandle<()>)>);
            impl Drop for Threads {
                fn drop(&mut self) {
                    for (end, thread) in self.0.drain(..) {
                        drop(end);
                        let _ = thread.join();
                    }
                }
            }
            let spawn = |_| {
                let (end, waits) = mpsc::channel::<()>();
                let builder = std::thread::Builder::new().stack_size(::green::coroutine::STACK);
                let thread = builder.spawn(move || _ = waits.recv()).ok()?;
                Some((end, thread))
            };
            Box::new(Threads((0..count).map_while(spawn).collect()))
        }),
    },
    Kind {
        name: "tasks of the loop",
        switch: || {
            let event_loop = event_loop::EventLoop::new();
            let task = event_loop.handle().spawn(async {
                for _ in 0..SWITCHES / 2 {
                    event_loop::yield_now().await;
                }
            });
            each(SWITCHES, || {
                event_loop.block_on(async {
                    let _ = task.await;
                });
            })
        },
        spawn: || {
            let event_loop = event_loop::EventLoop::new();
            let handle = event_loop.handle();
            each(SPAWNS, || {
                event_loop.block_on(async {
                    for number in 0..SPAWNS {
                        let _ = std::hint::black_box(handle.spawn(async move { number }).await);
                    }
                });
            })
        },
        memory: Memory::Kept(|count| {
            let event_loop = event_loop::EventLoop::new();
            for _ in 0..count {
                drop(event_loop.handle().spawn(std::future::pending::<()>()));
            }
            event_loop.block_on(event_loop::yield_now());
            Box::new(event_loop)
        }),
    },
    Kind {
        name: "Python: greenlet",
        switch: || python("greenlet", "switch", SWITCHES),
        spawn: || python("greenlet", "spawn", SPAWNS),
        memory: Memory::Python("greenlet"),
    },
    Kind {
        name: "Python: gevent",
        switch: || python("gevent", "switch", SWITCHES / 10),
        spawn: || python("gevent", "spawn", SPAWNS),
        memory: Memory::Python("gevent"),
    },
];

pub(crate) fn measure(rounds: u32) {
    machine::pin(&[0]);
    // Before the rounds, and the tasks before the threads: later the allocator has room that earlier ones gave back.
    let mut memory: Vec<_> = KINDS.iter().rev().map(bytes).collect();
    memory.reverse();
    let mut results: [[Vec<f64>; 2]; KINDS.len()] = Default::default();
    for round in 0..rounds as usize {
        for turn in 0..KINDS.len() {
            let which = (turn + round) % KINDS.len();
            let [switch, spawn] = &mut results[which];
            switch.push((KINDS[which].switch)());
            spawn.push((KINDS[which].spawn)());
        }
    }
    println!(
        "{:24}{:>12}{:>14}{:>12}{:>16}",
        "", "switch, ns", "÷ corosensei", "spawn, ns", "bytes suspended"
    );
    let base = median(&mut results[1][0].clone());
    let shown = |number: f64, digits: usize| match number.is_nan() {
        true => "–".to_owned(),
        false => format!("{number:.digits$}"),
    };
    for ((kind, bytes), [mut switch, mut spawn]) in KINDS.iter().zip(memory).zip(results) {
        let (switch, spawn) = (median(&mut switch), median(&mut spawn));
        let bytes = bytes.map_or("–".to_owned(), |bytes| bytes.to_string());
        println!(
            "{:24}{:>12}{:>14}{:>12}{bytes:>16}",
            kind.name,
            shown(switch, 1),
            shown(switch / base, 2),
            shown(spawn, 0),
        );
    }
}

/// Resident memory for each of many that are suspended.
fn bytes(kind: &Kind) -> Option<u64> {
    let before = machine::resident_bytes(std::process::id())?;
    let kept = match kind.memory {
        Memory::Kept(suspended) => suspended(SUSPENDED),
        Memory::Python(module) => {
            let bytes = python(module, "suspended", SUSPENDED);
            return (!bytes.is_nan()).then_some(bytes as u64);
        }
    };
    let after = machine::resident_bytes(std::process::id())?;
    drop(kept);
    Some(after.saturating_sub(before) / SUSPENDED as u64)
}

/// What the Python script measures; no number if the module is not installed.
fn python(module: &str, what: &str, count: usize) -> f64 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/green_threads.py");
    let output = Command::new("python3")
        .args([script, module, what, &count.to_string()])
        .stderr(Stdio::null())
        .output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .trim()
        .parse()
        .unwrap_or(f64::NAN)
}

fn each(count: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64 / count as f64
}
