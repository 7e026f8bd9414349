//! The mark of a test that has run to its last line: the only thing by which a judged test passes.
//!
//! The learner's code runs in the test's own process. It can print what libtest prints, exit with any status, and write to the
//! report. It cannot know the **secret**, which the judge makes anew for each run and sends over standard input:
//!
//! ```text
//! judge                                       the test's process
//! writes the secret to standard input  ───▶   begin(): reads it, before the first line of the test
//!                                             … the test and the learner's code …
//! compares                             ◀───   reached(): adds it to the report, after the last line
//! ```
//!
//! A pipe is read once, so nothing in the process can read the secret again: it is in no argument, no environment variable and no
//! file. It stands in a local variable of the function that the attribute [`test`](crate::test) makes of a test, out of the reach of
//! safe code. A verdict of the probe's own [withholds](withhold) the mark, even where the learner's code catches its panic.
//!
//! What is left: code that reads the memory of its own process (`/proc/self/mem`, `unsafe`) can find the secret. Such code is not a
//! wrong answer that anyone writes by mistake.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::report::{self, Entry};

/// Whether the secret was asked for. Only the first test of a process gets it.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether a law was broken in this process.
static BROKEN: AtomicBool = AtomicBool::new(false);

/// A test that is under way, and the secret with which it can report that it has finished.
#[derive(Debug)]
#[must_use = "a test without its mark has not passed"]
pub struct Mark {
    secret: Option<String>,
}

/// Begins a test: takes the secret that the judge has sent. Without a judge there is none, and nothing is read.
pub fn begin() -> Mark {
    let first = !BEGUN.swap(true, Ordering::Relaxed);
    let judged = std::env::var_os(report::VARIABLE).is_some();
    Mark {
        secret: (first && judged).then(secret).flatten(),
    }
}

fn secret() -> Option<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).ok()?;
    let secret = line.trim_end();
    (!secret.is_empty()).then(|| secret.to_owned())
}

impl Mark {
    /// The last line of the test has run. Says so to the judge, unless a law was broken on the way.
    pub fn reached(self) {
        if let Some(secret) = self.secret.filter(|_| !BROKEN.load(Ordering::Relaxed)) {
            report::write(&Entry::Passed { secret });
        }
    }
}

/// A law is broken: the test has not passed, even if the code under test catches the panic that follows.
pub(crate) fn withhold() {
    BROKEN.store(true, Ordering::Relaxed);
}
