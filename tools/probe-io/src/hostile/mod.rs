//! A stream whose every operation can be short, pending, interrupted, zero or an error, as a script says.
//!
//! Right answers differ in how much they read at once and how often they write, so their calls cannot be compared with a
//! reference's. What they share is a contract, and that is judged for **every short script**:
//!
//! | invariant | [`Broken`] |
//! |---|---|
//! | what was written is a prefix of what was to be written; all of it, if nothing failed | `NotAPrefix`, `Unread`, `Incomplete` |
//! | the first error of read, write, flush or close is the outcome, the very one; a write of zero bytes is `WriteZero` | `ErrorHidden`, `OtherError`, `ErrorRebuilt`, `ErrorFromNowhere` |
//! | nothing is called after the first error, nor after the close; a write of zero bytes may be tried again | `CalledAfterFailure`, `CalledAfterClose` |
//! | when a pending operation can go on, the task of the **latest** poll is woken | `NeverWoken`, `EarlierWoken` |
//! | polls come to an end, and so does each of them | `Spins` |
//! | what was read and not yet written stays below a bound | `HoldsTooMuch` |
//!
//! ```
//! use std::pin::pin;
//! use futures::io::AsyncWriteExt;
//! use probe::run;
//! use probe_io::hostile::{Script, hostile};
//!
//! let run = run!();
//! for script in Script::of_writes(4) {
//!     let (mut stream, witness) = hostile(&run, &script, b"");
//!     let ended = witness.drive(pin!(stream.write_all(b"all of it")), || {});
//!     witness.judge(ended, b"all of it", |_| None);
//! }
//! ```
//!
//! The same stream is a blocking [`Read`] and [`Write`]: there pending is `WouldBlock`, and interrupted is `Interrupted`.

mod broken;
mod figures;
mod script;
mod stream;
mod wire;
mod witness;

use std::sync::{Arc, Mutex};

use probe::Run;
use wire::Wire;

pub use broken::{Broken, Operation};
pub use script::{Answer, Script};
pub use stream::HostileStream;
pub use witness::{Ended, Witness};

/// A stream that follows a script, and its witness. `input` is what can be read from it; then comes the end.
#[must_use]
pub fn hostile(run: &Run, script: &Script, input: &[u8]) -> (HostileStream, Witness) {
    run.recorder().clear();
    let wire = Wire {
        run: run.clone(),
        scripts: [
            &script.reads,
            &script.writes,
            &script.flushes,
            &script.closes,
        ]
        .map(|answers| answers.clone().into_iter()),
        input: input.to_vec(),
        read: 0,
        output: Vec::new(),
        most_held: 0,
        failure: None,
        after_failure: None,
        closed: false,
        dropped: false,
        after_close: false,
        waiting: [const { None }; 4],
        calls: 0,
        calls_after_failure: 0,
    };
    let wire = Arc::new(Mutex::new(wire));
    let witness = Witness {
        wire: Arc::clone(&wire),
    };
    (HostileStream { wire }, witness)
}
