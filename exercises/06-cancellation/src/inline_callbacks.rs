//! A generator that waits for promises: what Twisted calls `inlineCallbacks`, and what asyncio's
//! coroutines were made of before there was `async`.

use std::rc::Rc;

use cancellation::{Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};

/// Runs a generator that yields promises, and returns a promise of what it completes with.
///
/// Whenever a promise that it has yielded is over, it is resumed with the outcome, whether that is
/// a value, an error or a cancellation: what is to be done about it is the generator's business.
/// The first resume answers nothing, and comes with `None`.
///
/// The loop does all that: the first resume comes in one of its next turns, and not before this
/// returns. If the promise that is returned is cancelled, the generator is not resumed any more, not
/// even if what it waits for has ended in the meantime. It is closed, that is dropped where it is
/// paused, and the promise for which it waits is cancelled, too, in one of the loop's next turns. If
/// it cancels that promise itself and then completes, the promise stays cancelled. An error that it
/// completes with, and that nobody asks for, is reported.
pub fn inline_callbacks<G, T, R>(spawn: &Rc<dyn Spawn>, generator: G) -> Promise<R>
where
    G: Generator<Option<Outcome<T>>, Yield = Promise<T>, Return = Outcome<R>> + 'static,
    T: Clone + 'static,
    R: Clone + 'static,
{
    todo!("resume it, and have somebody resume it again when the promise is over")
}
