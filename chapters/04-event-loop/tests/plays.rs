//! What the book plays: runs of the chapter's programs, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use picture::Play;
use picture::play::Source;
use probe::Run;
use probe_loop::SimLoop;

#[path = "../src/bin/ch04-5-one-turn.rs"]
#[allow(dead_code)]
mod one_turn;

#[test]
fn one_turn_after_another_can_be_played() {
    let run = Run::watching("src/bin/ch04-5-one-turn.rs");
    let sim = SimLoop::new(&run);
    sim.recorded().next_task("main");
    let main = sim.handle().spawn(one_turn::story(sim.handle()));
    sim.recorded().next_task("busy");
    sim.drive(main).expect("nobody waits for anything else");
    let source = Source::anchored(
        "chapters/04-event-loop/src/bin/ch04-5-one-turn.rs",
        include_str!("../src/bin/ch04-5-one-turn.rs"),
        "main",
    );
    let play = Play::of(
        "A loop with a task that sleeps and one that gives way",
        &run.recorder().recording(),
        None,
        Some(source),
    );
    eprintln!("{}", run.recorder().recording());
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__one_turn", play.json()); }
    );
}
