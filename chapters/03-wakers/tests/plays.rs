//! What the book plays: a run of one of the chapter's programs, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use std::rc::Rc;

use picture::Play;
use probe::Run;
use probe::program::recorded;
use probe_futures::on_a_list::task;
use wakers::oneshot;
use wakers::ready_list::ReadyList;

/// What the program prints is recorded.
#[collapse_debuginfo(yes)]
macro_rules! println {
    ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
}

#[path = "../src/bin/ch03-5-oneshot.rs"]
#[allow(dead_code)]
mod hands_over;

#[test]
fn a_receiver_that_is_handed_over_can_be_played() {
    let run = Run::watching("src/bin/ch03-5-oneshot.rs");
    let (sender, receiver) = oneshot::channel();
    let desk = hands_over::Desk::default();
    let first = hands_over::first_task(receiver, Rc::clone(&desk));
    let mut list = ReadyList::new();
    list.add(task(&run, "first task", first));
    list.add(task(&run, "second task", hands_over::second_task(desk)));
    recorded(&run, || {
        println!("caller: runs the list");
        list.run();
        println!("caller: sends 7");
        sender.send(7).expect("the receiver is there");
        println!("caller: runs the list");
        list.run();
    });
    let play = Play::of_program(
        "A receiver that one task polls first, and another task after it",
        &run,
        "chapters/03-wakers/src/bin/ch03-5-oneshot.rs",
        include_str!("../src/bin/ch03-5-oneshot.rs"),
        "main",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__handed_over", play.json()); }
    );
}
