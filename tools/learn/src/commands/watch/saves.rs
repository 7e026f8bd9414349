//! Noticing saves: what the system reports, and the content of the file itself, read at intervals.
//!
//! The report is only a reason to look. What counts is the content: editors write a temporary file and rename it, or truncate
//! before they write, and some systems (WSL, network folders) report nothing at all.

use std::path::Path;
use std::time::{Duration, Instant};

#[cfg(feature = "screen")]
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use course::files;

/// How long it must be quiet after a report: an editor's save is several steps.
const QUIET: Duration = Duration::from_millis(15);

/// How often the file is looked at without a report.
const NOW_AND_THEN: Duration = Duration::from_secs(1);

/// The same where the system reports nothing.
const POLLING: Duration = Duration::from_millis(200);

/// Without the screen there is no library that listens to the system: the file is looked at.
#[cfg(not(feature = "screen"))]
type RecommendedWatcher = std::convert::Infallible;

/// Watches one file.
pub(super) struct Saves {
    _watcher: Option<RecommendedWatcher>,
    every: Duration,
    look_at: Instant,
    seen: Option<String>,
    /// Whether there was nothing to read at the last look.
    was_gone: bool,
}

/// What reading the file found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// It was not time to look.
    NotDue,
    /// What was there before.
    Same,
    /// Something new.
    New,
    /// Nothing, and not for a moment only, as between two steps of an editor's save.
    Gone,
}

impl Saves {
    /// Watches a file from its present content on. Its folder is what is watched: an editor may replace the file.
    /// `stirred` is called when something in it changed.
    pub(super) fn of(file: &Path, poll: bool, stirred: impl Fn() + Send + 'static) -> Saves {
        let watcher = if poll { None } else { watcher(file, stirred) };
        let every = if watcher.is_some() {
            NOW_AND_THEN
        } else {
            POLLING
        };
        Saves {
            _watcher: watcher,
            every,
            look_at: Instant::now() + every,
            seen: content(file),
            was_gone: false,
        }
    }

    /// Something was reported: a look will be due when it is quiet.
    pub(super) fn stirred(&mut self) {
        self.look_at = Instant::now() + QUIET;
    }

    /// How long until the next look is due.
    pub(super) fn due_in(&self) -> Duration {
        self.look_at.saturating_duration_since(Instant::now())
    }

    /// A look is due at once.
    #[cfg(feature = "screen")]
    pub(super) fn hurry(&mut self) {
        self.look_at = Instant::now();
    }

    /// Looks, if it is time. A file that is gone for a moment is the same: it is looked at again soon.
    pub(super) fn look(&mut self, file: &Path) -> Look {
        if Instant::now() < self.look_at {
            return Look::NotDue;
        }
        self.look_at = Instant::now() + self.every;
        let now = content(file);
        let was_gone = std::mem::replace(&mut self.was_gone, now.is_none());
        match now {
            None => {
                self.look_at = Instant::now() + POLLING.min(self.every);
                if was_gone { Look::Gone } else { Look::NotDue }
            }
            now if now == self.seen => Look::Same,
            now => {
                self.seen = now;
                Look::New
            }
        }
    }
}

#[cfg(not(feature = "screen"))]
fn watcher(_file: &Path, _stirred: impl Fn() + Send + 'static) -> Option<RecommendedWatcher> {
    None
}

#[cfg(feature = "screen")]
fn watcher(file: &Path, stirred: impl Fn() + Send + 'static) -> Option<RecommendedWatcher> {
    let folder = file.parent()?;
    let mut watcher = notify::recommended_watcher(move |report: notify::Result<notify::Event>| {
        let only_read = report.is_ok_and(|event| event.kind.is_access());
        if !only_read {
            stirred();
        }
    })
    .ok()?;
    watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    Some(watcher)
}

/// The hash of what the file holds; `None` if it cannot be read, or is empty, as between truncating and writing.
fn content(file: &Path) -> Option<String> {
    files::read_text(file)
        .ok()
        .filter(|text| !text.is_empty())
        .map(|text| files::hash(&text))
}
