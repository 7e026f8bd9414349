//! A panic while a panic unwinds ends the process before the test can report what the first one was about.
//!
//! It is common: code that panics while it holds a lock poisons it, and a destructor that says `lock().unwrap()` panics in turn. The
//! last that is heard of such a process is a panic of the language's own, and then the first one is put into the report.

use std::cell::RefCell;
use std::panic;
use std::sync::{Arc, Mutex, Once};

use probe::panics::{Caught, is_unfinished};
use probe::report::{self, Entry};
use probe::{Diagnosis, Run, panics};

use crate::Blame;

/// What the runtime prints when a destructor panics while a panic unwinds. Then it ends the process.
const LAST_WORDS: &str = "panic in a destructor during cleanup";

thread_local! {
    static TRIAL: RefCell<Option<Trial>> = const { RefCell::new(None) };
}

struct Trial {
    run: Arc<Mutex<Option<Run>>>,
    mistake: Option<String>,
    sentence: String,
    panics: Vec<Caught>,
}

/// From now on an abort on this thread is about the newest run in `run`; one that begins with all threads asleep means `asleep`.
pub(crate) fn watch(run: &Arc<Mutex<Option<Run>>>, asleep: Blame<'_>) {
    listen();
    TRIAL.set(Some(Trial {
        run: Arc::clone(run),
        mistake: asleep.mistake.map(str::to_owned),
        sentence: asleep.sentence.to_owned(),
        panics: Vec::new(),
    }));
}

/// The first unexpected panic of this thread's trial: later ones may be its consequences.
pub(crate) fn first_panic() -> Option<Caught> {
    TRIAL.with_borrow(|trial| trial.as_ref()?.panics.first().cloned())
}

/// What has panicked so far was asked for.
pub(crate) fn were_expected() {
    TRIAL.with_borrow_mut(|trial| {
        if let Some(trial) = trial {
            trial.panics.clear();
        }
    });
}

fn listen() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // The probe's own hook is to be there before.
        let _quiet = panics::expected(|| ());
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = info.payload_as_str().unwrap_or_default().to_owned();
            let place = info.location();
            let seen = Caught {
                message,
                file: place.map_or_else(String::new, |at| at.file().to_owned()),
                line: place.map_or(0, |at| at.line()),
            };
            TRIAL.with_borrow_mut(|trial| trial.as_mut().map(|trial| trial.hear(seen)));
            before(info);
        }));
    });
}

impl Trial {
    fn hear(&mut self, panic: Caught) {
        if !panic.message.starts_with(LAST_WORDS) {
            self.panics.push(panic);
        } else if let [first, ..] = &self.panics[..] {
            self.report(first);
        }
    }

    fn report(&self, first: &Caught) {
        if is_unfinished(&first.message) {
            report::write(&Entry::Panicked {
                message: first.message.clone(),
                file: first.file.clone(),
                line: first.line,
            });
            return;
        }
        let Some(run) = self.run.try_lock().ok().and_then(|run| run.clone()) else {
            return;
        };
        let panicked = crate::panicked(first);
        let asleep = Blame {
            mistake: self.mistake.as_deref(),
            sentence: &self.sentence,
        };
        let blame = if crate::is_held_twice(first) {
            crate::held_twice(asleep)
        } else if crate::is_deadlock(first) {
            asleep
        } else {
            Blame {
                mistake: None,
                sentence: &panicked,
            }
        };
        report::write(&Entry::Diagnosis(Diagnosis {
            mistake: blame.mistake.map(str::to_owned),
            sentence: blame.sentence.to_owned(),
            recording: run.recorder().recording(),
            marked: run.recorder().last_event(),
            snapshot: None,
            expected: None,
            holders: run.recorder().holders(),
        }));
    }
}
