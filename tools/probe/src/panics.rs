//! Panics: those that a contract asks for are caught quietly, all others are reported with their place.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::report::{self, Entry};

thread_local! {
    /// While this thread tries something that may panic: where the panic's message goes instead of standard error.
    static EXPECTED: RefCell<Option<Caught>> = const { RefCell::new(None) };
    /// Whether this thread's newest panic is a verdict of the probe's own.
    static VERDICT: Cell<bool> = const { Cell::new(false) };
}

/// A panic that was expected and came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caught {
    /// Its message.
    pub message: String,
    /// The source file, as the compiler was given it.
    pub file: String,
    /// The line in it, from 1.
    pub line: u32,
}

/// Runs a step that a contract allows, or requires, to panic. Nothing is printed if it does.
///
/// # Errors
///
/// The panic, if it came.
///
/// # Panics
///
/// If the step reached a `todo!`, `unimplemented!` or a diagnosis of the probe's own: those are verdicts, and pass through.
pub fn expected<T>(step: impl FnOnce() -> T) -> Result<T, Caught> {
    report_them();
    VERDICT.set(false);
    EXPECTED.with_borrow_mut(|slot| *slot = Some(Caught::default()));
    let result = panic::catch_unwind(AssertUnwindSafe(step));
    let caught = EXPECTED.take().unwrap_or_default();
    result.map_err(|payload| {
        if is_unfinished(&caught.message) || VERDICT.get() {
            let Caught {
                message,
                file,
                line,
            } = caught;
            eprintln!("panicked at {file}:{line}:\n{message}");
            report::write(&Entry::Panicked {
                message,
                file,
                line,
            });
            panic::resume_unwind(payload);
        }
        caught
    })
}

/// Whether a panic's message is that of `todo!` or `unimplemented!`.
#[must_use]
pub fn is_unfinished(message: &str) -> bool {
    message.starts_with("not yet implemented") || message.starts_with("not implemented")
}

/// From now on every panic that nobody expects is written to the report, and then handled as before.
pub(crate) fn report_them() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let seen = describe(info);
            let expected =
                EXPECTED.with_borrow_mut(|slot| slot.as_mut().map(|slot| *slot = seen.clone()));
            if expected.is_none() {
                let Caught {
                    message,
                    file,
                    line,
                } = seen;
                report::write(&Entry::Panicked {
                    message,
                    file,
                    line,
                });
                before(info);
            }
        }));
    });
}

/// The panic that comes next on this thread is a verdict: nobody may catch it as the panic that a contract asks for.
pub(crate) fn announce_verdict() {
    VERDICT.set(true);
}

fn describe(info: &PanicHookInfo<'_>) -> Caught {
    Caught {
        message: info
            .payload_as_str()
            .unwrap_or("a panic without a message")
            .to_owned(),
        file: info
            .location()
            .map_or_else(String::new, |at| at.file().to_owned()),
        line: info.location().map_or(0, |at| at.line()),
    }
}
