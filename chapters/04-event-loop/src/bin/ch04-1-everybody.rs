//! Three tasks wait, and the loop polls all of them in each round.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use event_loop::s1_everybody::Everybody;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let mut everybody = Everybody::new();
    // A clock that counts rounds; the loop below advances it.
    let clock: Rc<Cell<u64>> = Rc::default();

    for (name, when) in [("tea", 3_000), ("eggs", 6_000), ("bread", 50_000)] {
        let clock = Rc::clone(&clock);
        everybody.spawn(poll_fn(move |_| {
            if clock.get() < when {
                return Poll::Pending;
            }
            println!("round {when:>6}   {name} is ready");
            Poll::Ready(())
        }));
    }
    while everybody.round() {
        clock.set(clock.get() + 1);
    }
    println!("{} polls, 3 of them worth while", everybody.polls());
}
// ANCHOR_END: main
