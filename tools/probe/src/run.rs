//! One test, tried: the object that a check's test begins and ends with.

use std::sync::Arc;

use crate::diagnosis::{Diagnosis, Expected};
use crate::mark;
use crate::panics::{self, Verdict};
use crate::recorder::Recorder;
use crate::recording::Recording;
use crate::report::{self, Entry};
use crate::watchdog::Watchdog;

/// A run of the learner's code, recorded, on the way to a verdict.
///
/// ```text
///   run!("name") ──▶ drive the code, watch it with spies ──▶ snapshot!(run)      the test passes
///                                    │
///                                    └──▶ diagnose · departs · unfinished        it is not: panics, and reports why
/// ```
///
/// Make one with [`run!`](crate::run!), which names the snapshot after the check's file; end it with
/// [`snapshot!`](crate::snapshot!) where the test has one. Clones are the same run: a spy keeps one, so that it can fail the
/// run from inside the learner's code.
#[derive(Debug, Clone)]
pub struct Run {
    recorder: Recorder,
    snapshot: Option<String>,
    _watchdog: Arc<Watchdog>,
}

impl Run {
    /// A run whose snapshot, if it comes to that, is called `CHECK__NAME`, where `CHECK` is the check's file without its ending, also
    /// in a module of the check. Prefer [`run!`](crate::run!).
    #[must_use]
    pub fn named(file: &str, name: &str) -> Run {
        let check = module_of(file).unwrap_or_else(|| {
            let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
            stem.strip_suffix(".rs").unwrap_or(stem)
        });
        Run {
            snapshot: Some(format!("{check}__{name}")),
            ..Run::unnamed()
        }
    }

    /// Where the snapshots of a check lie, seen from a file of it. [`snapshot!`](crate::snapshot!) asks.
    #[doc(hidden)]
    #[must_use]
    pub fn snapshots_beside(file: &str) -> &'static str {
        match module_of(file) {
            Some(_) => "../snapshots",
            None => "snapshots",
        }
    }

    /// A run that is judged by laws alone, and has no snapshot. Prefer [`run!`](crate::run!).
    #[must_use]
    pub fn unnamed() -> Run {
        Run::with_recorder(Recorder::new())
    }

    /// A run without a snapshot, whose recorder [watches a file](Recorder::watching): to be played step by step.
    #[must_use]
    pub fn watching(file: &str) -> Run {
        Run::with_recorder(Recorder::watching(file))
    }

    fn with_recorder(recorder: Recorder) -> Run {
        panics::report_them();
        let watchdog = Watchdog::start(&recorder);
        Run {
            recorder,
            snapshot: None,
            _watchdog: Arc::new(watchdog),
        }
    }

    /// The recorder of this run, for spies and for the check's own notes.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The law is broken, and it is sure which mistake does that. Marks the newest event.
    ///
    /// `sentence` says what was seen and what does it, in terms of the learner's code, and does not say the answer.
    ///
    /// # Panics
    ///
    /// Always: that is the verdict.
    #[track_caller]
    pub fn diagnose(&self, mistake: &str, sentence: impl Into<String>) -> ! {
        self.fail(Some(mistake), sentence.into(), self.recorder.last_event())
    }

    /// Like [`diagnose`](Run::diagnose), with the event that broke the law: an index from
    /// [`Recorder::last_event`], taken when it happened.
    #[track_caller]
    pub fn diagnose_at(
        &self,
        event: Option<usize>,
        mistake: &str,
        sentence: impl Into<String>,
    ) -> ! {
        self.fail(Some(mistake), sentence.into(), event)
    }

    /// The test fails, and no law is sure why: says what was seen, and names no mistake.
    #[track_caller]
    pub fn departs(&self, sentence: impl Into<String>) -> ! {
        self.fail(None, sentence.into(), self.recorder.last_event())
    }

    /// Like [`departs`](Run::departs), with the event at which it does.
    #[track_caller]
    pub fn departs_at(&self, event: Option<usize>, sentence: impl Into<String>) -> ! {
        self.fail(None, sentence.into(), event)
    }

    /// The run is unlike that of a reference, which is shown beside it. Both have their own mark.
    #[track_caller]
    pub fn differs(
        &self,
        mistake: Option<&str>,
        sentence: impl Into<String>,
        marked: Option<usize>,
        expected: Recording,
        marked_there: Option<usize>,
    ) -> ! {
        let expected = Expected {
            recording: expected,
            marked: marked_there,
        };
        self.end(mistake, sentence.into(), marked, Some(expected))
    }

    /// The test passes, and its verdict shows two runs beside each other, with a sentence. Returns what it shows.
    pub fn shows(
        &self,
        sentence: impl Into<String>,
        marked: Option<usize>,
        beside: Recording,
        marked_there: Option<usize>,
    ) -> Diagnosis {
        let shown = Diagnosis {
            mistake: None,
            sentence: sentence.into(),
            recording: self.recorder.recording(),
            marked,
            snapshot: None,
            expected: Some(Expected {
                recording: beside,
                marked: marked_there,
            }),
            holders: Vec::new(),
        };
        report::write(&Entry::Shown(shown.clone()));
        shown
    }

    /// The learner has not written this part yet.
    ///
    /// # Panics
    ///
    /// Always, in the way of `todo!`.
    #[track_caller]
    pub fn unfinished(&self, sentence: impl Into<String>) -> ! {
        let sentence = sentence.into();
        report::write(&Entry::Unfinished {
            sentence: sentence.clone(),
        });
        panics::announce(Verdict::Unfinished(sentence.clone()));
        panic!("not yet implemented: {sentence}");
    }

    /// Does something that can only hang or abort if the learner made a certain mistake. The mistake is written to the report
    /// first, so that the command line can name it when the process is gone.
    pub fn risk<T>(&self, mistake: Option<&str>, sentence: &str, step: impl FnOnce() -> T) -> T {
        report::write(&Entry::Crumb {
            mistake: mistake.map(str::to_owned),
            sentence: sentence.to_owned(),
            recording: self.recorder.recording(),
        });
        let result = step();
        report::write(&Entry::Safe);
        result
    }

    /// The recording as text, and the snapshot's name, for [`snapshot!`](crate::snapshot!).
    #[doc(hidden)]
    #[must_use]
    pub fn before_snapshot(&self) -> (String, String) {
        let name = self
            .snapshot
            .clone()
            .expect("run!(\"name\") names the snapshot");
        let recording = self.recorder.recording();
        let text = recording.to_string();
        report::write(&Entry::Snapshot {
            name: name.clone(),
            recording,
        });
        (name, text)
    }

    #[track_caller]
    fn fail(&self, mistake: Option<&str>, sentence: String, marked: Option<usize>) -> ! {
        self.end(mistake, sentence, marked, None)
    }

    #[track_caller]
    fn end(
        &self,
        mistake: Option<&str>,
        sentence: String,
        marked: Option<usize>,
        expected: Option<Expected>,
    ) -> ! {
        let diagnosis = Diagnosis {
            mistake: mistake.map(str::to_owned),
            sentence,
            recording: self.recorder.recording(),
            marked,
            snapshot: self.snapshot.clone(),
            expected,
            holders: self.recorder.holders(),
        };
        mark::withhold();
        report::write(&Entry::Diagnosis(diagnosis.clone()));
        panics::announce(Verdict::Broken(diagnosis.clone()));
        panic!("{diagnosis}");
    }
}

/// Begins a [`Run`]: `run!("from_three")` with a snapshot of that name, `run!()` without one.
#[macro_export]
macro_rules! run {
    () => {
        $crate::Run::unnamed()
    };
    ($name:literal) => {
        $crate::Run::named(file!(), $name)
    };
}

/// Compares everything that a [`Run`] recorded with its snapshot, which lies beside the check.
///
/// Laws come first and name the mistake; the snapshot shows. What two right answers may do differently must not be in the
/// recording at all.
#[macro_export]
macro_rules! snapshot {
    ($run:expr) => {{
        let (name, text) = $crate::Run::before_snapshot(&$run);
        $crate::insta::with_settings!({
            prepend_module_to_snapshot => false, omit_expression => true,
            snapshot_path => $crate::Run::snapshots_beside(file!()),
        }, {
            $crate::insta::assert_snapshot!(name, text);
        });
    }};
}

/// The check to which a file belongs as a module: `latch` of `checks/latch/waiting.rs`, none of `checks/latch.rs`.
fn module_of(file: &str) -> Option<&str> {
    let mut parts = file.rsplit(['/', '\\']).skip(1);
    let folder = parts.next()?;
    (parts.next()? == "checks").then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_named_after_the_check_also_in_a_module_of_it() {
        for (file, name, folder) in [
            (
                "exercises/03-wakers/checks/latch.rs",
                "latch__one",
                "snapshots",
            ),
            (
                "exercises/03-wakers/checks/latch/waiting.rs",
                "latch__one",
                "../snapshots",
            ),
            ("a\\checks\\latch\\waiting.rs", "latch__one", "../snapshots"),
            ("latch.rs", "latch__one", "snapshots"),
        ] {
            assert_eq!(
                Run::named(file, "one").snapshot.as_deref(),
                Some(name),
                "{file}"
            );
            assert_eq!(Run::snapshots_beside(file), folder, "{file}");
        }
    }
}
