//! What the book plays: a run of one of the chapter's programs, step by step, on real sockets.
//!
//! The lines of the source come from the debug information that tests are built with. In which pieces readiness is reported is
//! the system's affair; on Linux it is the same each time.
#![cfg(all(debug_assertions, target_os = "linux"))]

use event_loop::EventLoop;
use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_loop::Recorded;
use reactor::Reactor;

/// What the program prints is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch05-5-reactor.rs"]
#[allow(dead_code)]
mod reactor_program;

#[test]
fn two_tasks_and_one_connection_can_be_played() {
    let run = Run::watching("src/bin/ch05-5-reactor.rs");
    let observer = Recorded::new(&run);
    for name in ["main", "reader", "writer"] {
        observer.next_task(name);
    }
    let reactor = Reactor::new().expect("there are descriptors left");
    let event_loop = EventLoop::observed(reactor, observer);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    recorded(&run, || {
        event_loop.block_on(reactor_program::talk(handle, reactor))
    })
    .expect("they talk");
    let play = Play::of_program(
        "Two tasks and one connection: the one reads, and the other writes",
        &run,
        "chapters/05-reactor/src/bin/ch05-5-reactor.rs",
        include_str!("../src/bin/ch05-5-reactor.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__two_directions", play.json()); }
    );
}
