//! What the book plays: runs of the loop, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use std::future::ready;

use event_loop::{Handle, yield_now};
use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_loop::SimLoop;

/// What the programs print is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch04-5-one-turn.rs"]
#[allow(dead_code)]
mod one_turn;

#[test]
fn one_turn_after_another_can_be_played() {
    let run = Run::watching("src/bin/ch04-5-one-turn.rs");
    play(&run, &["main", "busy"], one_turn::story);
    snapshot(
        "play__one_turn",
        &Play::of_program(
            "A loop with a task that sleeps and one that gives way",
            &run,
            "chapters/04-event-loop/src/bin/ch04-5-one-turn.rs",
            include_str!("../src/bin/ch04-5-one-turn.rs"),
            "main",
        ),
    );
}

#[test]
fn who_goes_first_can_be_played() {
    let run = Run::watching("tests/plays.rs");
    play(&run, &["main", "a", "b"], who_goes_first);
    snapshot(
        "play__who_goes_first",
        &Play::of_program(
            "A main future that spawns two tasks",
            &run,
            "chapters/04-event-loop/tests/plays.rs",
            include_str!("plays.rs"),
            "who_goes_first",
        ),
    );
}

// ANCHOR: who_goes_first
async fn who_goes_first(handle: Handle) {
    println!("main 1");
    let _a = handle.spawn(async {
        println!("a 1");
        ready(()).await;
        println!("a 2");
    });
    let b = handle.spawn(async {
        println!("b 1");
        yield_now().await;
        println!("b 2");
    });
    println!("main 2");
    yield_now().await;
    println!("main 3");
    let _ = b.await;
    println!("main 4");
}
// ANCHOR_END: who_goes_first

/// Runs a main future to its end; its tasks have these names, in the order in which they are spawned.
fn play<F: Future<Output = ()> + 'static>(run: &Run, names: &[&str], main: fn(Handle) -> F) {
    let sim = SimLoop::new(run);
    for name in names {
        sim.recorded().next_task(name);
    }
    let main = sim.handle().spawn(main(sim.handle()));
    recorded(run, || sim.drive(main)).expect("no other task is left");
}

fn snapshot(name: &str, play: &Play) {
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!(name, play.json()); }
    );
}
