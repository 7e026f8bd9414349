//! Noticing saves: what the system reports, and a look at the file itself, again and again.
//!
//! The report is only a reason to look. What counts is the content: editors write a temporary file and rename it, or truncate
//! before they write, and some systems (WSL, network folders) report nothing at all.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::event::Event;
use crate::files;

/// How long it must be quiet after a report: an editor's save is several steps.
const QUIET: Duration = Duration::from_millis(15);

/// How often the file is looked at without a report.
const NOW_AND_THEN: Duration = Duration::from_secs(1);

/// The same where the system reports nothing.
const POLLING: Duration = Duration::from_millis(200);

/// Watches one file.
pub(super) struct Saves {
    _watcher: Option<RecommendedWatcher>,
    every: Duration,
    look_at: Instant,
    seen: Option<String>,
}

impl Saves {
    /// Watches a file from its present content on. Its folder is what is watched: an editor may replace the file.
    pub(super) fn of(file: &Path, poll: bool, events: Sender<Event>) -> Saves {
        let watcher = if poll { None } else { watcher(file, events) };
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

    /// Looks, if it is time, and says whether the file holds something new. A file that is gone for a moment holds nothing new:
    /// it is looked at again soon.
    pub(super) fn is_new(&mut self, file: &Path) -> bool {
        if Instant::now() < self.look_at {
            return false;
        }
        self.look_at = Instant::now() + self.every;
        let now = content(file);
        match now {
            None => {
                self.look_at = Instant::now() + POLLING.min(self.every);
                false
            }
            now if now == self.seen => false,
            now => {
                self.seen = now;
                true
            }
        }
    }
}

fn watcher(file: &Path, events: Sender<Event>) -> Option<RecommendedWatcher> {
    let folder = file.parent()?;
    let mut watcher = notify::recommended_watcher(move |report: notify::Result<notify::Event>| {
        let only_read = report.is_ok_and(|event| event.kind.is_access());
        if !only_read {
            let _ = events.send(Event::Stirred);
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
