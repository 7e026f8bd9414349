//! What a picture is made of.

use std::time::Duration;

/// A run, ready to be drawn. Tracks, steps and calls are named by their places in these lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// The tracks, in the order in which they are first spoken of.
    pub tracks: Vec<Track>,
    /// One for each line of the recording's text form.
    pub steps: Vec<Step>,
    /// The calls, in the order in which they began.
    pub calls: Vec<Call>,
    /// The times between a poll that was pending and what ended the wait.
    pub waits: Vec<Wait>,
    /// The wakes, in order.
    pub wakes: Vec<Wake>,
    /// The times in which a loop or a thread slept.
    pub sleeps: Vec<Span>,
    /// The times in which a timer was set and had not fired.
    pub armed: Vec<Span>,
    /// What happened at one point in time, and is no wake.
    pub points: Vec<Point>,
    /// The step that broke the law.
    pub marked: Option<usize>,
}

/// A row of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Its name in the recording.
    pub name: String,
}

/// A line of the recording's text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it was.
    pub at: Duration,
    /// Whether time has passed since the step before.
    pub moved: bool,
}

/// A call: what stands between `Enters` and `Leaves`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The track whose code runs; where it polls another track, the poller.
    pub track: usize,
    /// Its first step.
    pub begin: usize,
    /// Its last step, if it came back before the recording ended.
    pub end: Option<usize>,
    /// The call, as the recording has it: `polled by A`, `resume(3)`.
    pub text: String,
    /// What it returned, as the recording has it: `pending`, `yields 3`. Empty if it did not.
    pub outcome: String,
    /// The call in which it was made.
    pub parent: Option<usize>,
    /// Where this is the other side of a poll: the call that `track` made with its waker.
    pub of: Option<usize>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has to be polled again.
    Pending,
    /// The future is ready.
    Ready,
    /// The generator pauses.
    Yields,
    /// The generator has completed.
    Completes,
    /// It panicked.
    Panics,
    /// It returned something else.
    Returns,
    /// It had not come back when the recording ended.
    Open,
}

/// From a poll that was pending to what ended the wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The track that waits.
    pub track: usize,
    /// The poll that was pending.
    pub poll: usize,
    /// The step at which the poll ended.
    pub begin: usize,
    /// The step that ended the wait; the last one of all if nothing did.
    pub end: usize,
    /// What ended it.
    pub by: WaitEnd,
    /// What for, where the recording says so: tracks of futures and timers.
    pub what_for: Vec<usize>,
}

/// What ends a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitEnd {
    /// The next poll: a place in [`Picture::calls`].
    Poll(usize),
    /// Another track polled, or the awaited future is gone or ready: this track no longer waits.
    Over,
    /// Nothing.
    Nothing,
}

/// A call of a waker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// The track that is woken.
    pub track: usize,
    /// When.
    pub step: usize,
    /// Who called.
    pub from: Source,
    /// What came of it.
    pub fate: Fate,
    /// Whether `track` was waiting, or being polled, at that moment.
    pub awaited: bool,
}

/// Who called a waker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The innermost call that was under way.
    Call(usize),
    /// A timer that had fired just before: its track.
    Timer(usize),
    /// Nothing that the recording knows.
    Outside,
}

/// What came of a wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// This poll, a place in [`Picture::calls`]. Several wakes may share one.
    Poll(usize),
    /// No poll, up to the end of the recording.
    Nothing,
    /// No poll, because the recording of a run without a fault ends before it: the task was waiting, and is woken.
    AtTheEnd,
    /// No poll, and none was due: it came during the poll that was the last one.
    NotNeeded,
    /// The recording shows no poll of that track at all, before or after.
    NotShown,
}

/// From one step to another, in one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The track.
    pub track: usize,
    /// Its first step.
    pub begin: usize,
    /// Its last step, or `None` if it had not ended with the recording.
    pub end: Option<usize>,
    /// What the recording says of its beginning.
    pub text: String,
}

/// Something that happened at one point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The track.
    pub track: usize,
    /// The step.
    pub step: usize,
    /// What it was.
    pub kind: PointKind,
    /// What the recording says.
    pub text: String,
}

/// Kinds of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointKind {
    /// A saying.
    Says,
    /// The track's future, timer or value is gone.
    Drops,
    /// A timer is set.
    Sets,
    /// A timer fires.
    Fires,
}

impl Picture {
    /// The waits that nothing ended, up to the end of the recording. Where the recording knows what polls a future or waits for
    /// it, these are listed and not the future.
    pub fn waiting_at_the_end(&self) -> impl Iterator<Item = &Wait> {
        let open = |wait: &&Wait| wait.by == WaitEnd::Nothing;
        let named = move |track| {
            let mut others = self.waits.iter().filter(open);
            others.any(|wait| wait.track != track && wait.what_for.contains(&track))
        };
        let for_another =
            move |wait: &Wait| self.calls[wait.poll].has_a_poller() || named(wait.track);
        self.waits
            .iter()
            .filter(open)
            .filter(move |wait| !for_another(wait))
    }

    /// The wakes of which no poll came.
    pub fn lost(&self) -> impl Iterator<Item = &Wake> {
        self.wakes.iter().filter(|wake| wake.fate == Fate::Nothing)
    }

    /// The track that a wake came from, if the recording knows.
    #[must_use]
    pub fn track_of(&self, source: Source) -> Option<usize> {
        match source {
            Source::Call(call) => Some(self.calls[call].track),
            Source::Timer(track) => Some(track),
            Source::Outside => None,
        }
    }

    /// The first step at which anything is seen of a track.
    #[must_use]
    pub fn first_step_of(&self, track: usize) -> usize {
        let calls = self.calls.iter().map(|call| (call.track, call.begin));
        let wakes = self.wakes.iter().map(|wake| (wake.track, wake.step));
        let points = self.points.iter().map(|point| (point.track, point.step));
        let spans = self.sleeps.iter().chain(&self.armed);
        let seen = calls
            .chain(wakes)
            .chain(points)
            .chain(spans.map(|span| (span.track, span.begin)));
        let steps = seen.filter(|(its, _)| *its == track).map(|(_, step)| step);
        steps.min().unwrap_or(0)
    }

    /// The last step of a call; that of the recording, if it did not come back.
    #[must_use]
    pub fn last_step(&self, call: &Call) -> usize {
        call.end.unwrap_or(self.steps.len().saturating_sub(1))
    }

    /// The only future there is whose every poll stands in the track of its poller, if nothing else happens in its own.
    #[must_use]
    pub fn shown_by_its_pollers(&self) -> Option<usize> {
        let polled: Vec<usize> = self.calls.iter().filter_map(|side| side.of).collect();
        let first = self.calls.get(*polled.first()?)?.track;
        let all = self.calls.iter().enumerate().all(|(place, call)| {
            (call.track == first && call.of.is_none()) == polled.contains(&place)
        });
        let quiet = self.points.iter().all(|point| point.track != first)
            && self.wakes.iter().all(|wake| wake.track != first);
        (all && quiet).then_some(first)
    }

    /// Whether a task is woken, or more than one track is called: whether the picture says more than the lines do.
    #[must_use]
    pub fn has_wakes_or_polls_of_several(&self) -> bool {
        let own = self.calls.iter().filter(|call| call.of.is_none());
        let mut tracks: Vec<usize> = own.map(|call| call.track).collect();
        tracks.extend(self.wakes.iter().map(|wake| wake.track));
        tracks.sort_unstable();
        tracks.dedup();
        !self.wakes.is_empty() || tracks.len() > 1
    }
}

impl Call {
    /// How it ended.
    #[must_use]
    pub fn kind(&self) -> Outcome {
        let begins = |word: &str| self.outcome.starts_with(word);
        match () {
            () if self.end.is_none() => Outcome::Open,
            () if begins("pending") => Outcome::Pending,
            () if begins("ready") => Outcome::Ready,
            () if begins("yields") => Outcome::Yields,
            () if begins("completes") => Outcome::Completes,
            () if begins("panics") => Outcome::Panics,
            () => Outcome::Returns,
        }
    }

    /// Whether it ended what it was called on.
    #[must_use]
    pub fn is_the_end(&self) -> bool {
        matches!(
            self.kind(),
            Outcome::Ready | Outcome::Completes | Outcome::Panics
        )
    }

    /// Whether the recording says with whose waker it was polled.
    #[must_use]
    pub fn has_a_poller(&self) -> bool {
        self.text.starts_with("polled by ")
    }

    /// Whether it is a poll, so that its outcome says all there is to say.
    #[must_use]
    pub fn is_poll(&self) -> bool {
        self.of.is_some() || self.text.starts_with("polled")
    }
}
