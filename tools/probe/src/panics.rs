//! Panics: those that a contract asks for are caught quietly, all others are reported with their place.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::diagnosis::Diagnosis;
use crate::report::{self, Entry};

thread_local! {
    /// While this thread tries something that may panic: where the panic's message goes instead of standard error.
    static EXPECTED: RefCell<Option<Caught>> = const { RefCell::new(None) };
    /// The verdict of the probe's own that is this thread's newest panic, if it is one.
    static VERDICT: RefCell<Option<Verdict>> = const { RefCell::new(None) };
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

/// What a whole check came to. The probe's own tests, and those of an exercise's laws, ask for it with [`verdict_of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It returned.
    Kept,
    /// It was diagnosed, with or without a mistake's name.
    Broken(Diagnosis),
    /// It came to a part that is not written yet.
    Unfinished(String),
    /// It panicked, and no law knows why.
    Panicked(Caught),
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
    catch(step).map_err(|(caught, payload)| {
        if is_unfinished(&caught.message) || VERDICT.with_borrow(Option::is_some) {
            caught.clone().pass_on();
            panic::resume_unwind(payload);
        }
        caught
    })
}

/// Runs a whole check, and says what it came to. Nothing is printed.
pub fn verdict_of(check: impl FnOnce()) -> Verdict {
    match catch(check) {
        Ok(()) => Verdict::Kept,
        Err((caught, _)) => match VERDICT.take() {
            Some(verdict) => verdict,
            None if is_unfinished(&caught.message) => Verdict::Unfinished(caught.message),
            None => Verdict::Panicked(caught),
        },
    }
}

fn catch<T>(step: impl FnOnce() -> T) -> Result<T, (Caught, Box<dyn Any + Send>)> {
    report_them();
    VERDICT.take();
    let outer = EXPECTED.replace(Some(Caught::default()));
    let result = panic::catch_unwind(AssertUnwindSafe(step));
    let caught = EXPECTED.replace(outer).unwrap_or_default();
    result.map_err(|payload| (caught, payload))
}

impl Caught {
    /// What the hook would have done with an unexpected panic.
    fn pass_on(self) {
        let unexpected = EXPECTED
            .with_borrow_mut(|outer| outer.as_mut().map(|outer| *outer = self.clone()).is_none());
        if unexpected {
            eprintln!("panicked at {}:{}:\n{}", self.file, self.line, self.message);
            if !is_unfinished(&self.message) {
                self.report(); // A `todo!` is there already.
            }
        }
    }

    fn report(self) {
        report::write(&Entry::Panicked {
            message: self.message,
            file: self.file,
            line: self.line,
        });
    }
}

/// Whether a panic's message is that of `todo!` or `unimplemented!`.
#[must_use]
pub fn is_unfinished(message: &str) -> bool {
    message.starts_with("not yet implemented") || message.starts_with("not implemented")
}

/// From now on every unexpected panic is written to the report, and then handled as before. A `todo!` is written
/// down even where panics are expected, because the code between may catch it: a loop catches what its tasks panic with.
pub(crate) fn report_them() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let seen = describe(info);
            let expected =
                EXPECTED.with_borrow_mut(|slot| slot.as_mut().map(|slot| *slot = seen.clone()));
            if expected.is_none() || is_unfinished(&seen.message) {
                seen.report();
            }
            if expected.is_none() {
                before(info);
            }
        }));
    });
}

/// The next panic on this thread is a verdict: no test may take it for the panic that a contract asks for.
pub(crate) fn announce(verdict: Verdict) {
    VERDICT.set(Some(verdict));
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
