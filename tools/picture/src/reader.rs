//! From a recording to a picture.

use std::time::Duration;

use probe::{Recording, What};

use crate::model::{
    Call, Fate, Outcome, Picture, Point, PointKind, Source, Span, Step, Track, Wait, WaitEnd, Wake,
};

impl Picture {
    /// The picture of a recording, with the event that broke the law marked, if there is one.
    #[must_use]
    pub fn of(recording: &Recording, marked: Option<usize>) -> Picture {
        let lines = recording.lines();
        let mut reader = Reader::default();
        let mut last = Duration::ZERO;
        let mut event = 0;
        for (step, line) in lines.iter().enumerate() {
            let at = recording.events[line.event].at;
            let moved = at != last;
            last = at;
            reader.picture.steps.push(Step { at, moved });
            while event <= line.event {
                let this = &recording.events[event];
                let track = reader.track(&this.track);
                reader.read(step, track, &this.what);
                event += 1;
            }
        }
        let mut picture = reader.finish();
        picture.marked = marked
            .and_then(|event| recording.line_of(event))
            .map(|line| line - 1);
        if picture.marked.is_none() {
            picture.forgive_the_last_wakes();
        }
        picture
    }
}

#[derive(Default)]
struct Reader {
    picture: Picture,
    /// The calls that are under way, outermost first.
    open: Vec<usize>,
    /// The timer that has just fired.
    fired: Option<usize>,
}

impl Reader {
    fn track(&mut self, name: &str) -> usize {
        let tracks = &mut self.picture.tracks;
        tracks
            .iter()
            .position(|track| track.name == name)
            .unwrap_or_else(|| {
                let name = name.to_owned();
                tracks.push(Track { name });
                tracks.len() - 1
            })
    }

    fn read(&mut self, step: usize, track: usize, what: &What) {
        let fired = self.fired.take();
        match what {
            What::Enters(text) => self.enters(step, track, text),
            What::Leaves(outcome) => self.leaves(step, track, outcome),
            What::Woken => {
                self.fired = fired;
                self.woken(step, track);
            }
            What::Drops => self.point(step, track, PointKind::Drops, "dropped"),
            What::Says(text) => self.says(step, track, text),
            What::Kept { by } => {
                let text = format!("its waker is kept by {by}");
                self.point(step, track, PointKind::Says, &text);
            }
            silent if silent.is_silent() => {}
            other => self.point(step, track, PointKind::Says, &format!("{other:?}")),
        }
    }

    fn enters(&mut self, step: usize, track: usize, text: &str) {
        let parent = self.open.last().copied();
        let call = self.call(step, track, text, parent);
        self.open.push(call);
        let Some(name) = polled_by(text) else { return };
        let poller = self.track(name);
        let calls = &self.picture.calls;
        let polls_already =
            |&call: &usize| calls[call].track == poller || calls[call].polled_by(poller, calls);
        if self.open.iter().any(polls_already) {
            return;
        }
        let text = format!("polls {}", self.picture.tracks[track].name);
        let side = self.call(step, poller, &text, parent);
        self.picture.calls[side].of = Some(call);
    }

    fn call(&mut self, step: usize, track: usize, text: &str, parent: Option<usize>) -> usize {
        self.picture.calls.push(Call {
            track,
            begin: step,
            end: None,
            text: text.to_owned(),
            outcome: String::new(),
            parent,
            of: None,
        });
        self.picture.calls.len() - 1
    }

    fn leaves(&mut self, step: usize, track: usize, outcome: &str) {
        let calls = &mut self.picture.calls;
        let Some(place) = self
            .open
            .iter()
            .rposition(|&call| calls[call].track == track)
        else {
            return self.point(step, track, PointKind::Says, &format!("→ {outcome}"));
        };
        let call = self.open.remove(place);
        let sides = [call, call + 1];
        for side in sides {
            if let Some(side) = calls
                .get_mut(side)
                .filter(|it| side == call || it.of == Some(call))
            {
                side.end = Some(step);
                outcome.clone_into(&mut side.outcome);
            }
        }
    }

    fn woken(&mut self, step: usize, track: usize) {
        let from = match (self.fired, self.open.last()) {
            (Some(timer), _) => Source::Timer(timer),
            (None, Some(&call)) => Source::Call(call),
            (None, None) => Source::Outside,
        };
        self.picture.wakes.push(Wake {
            track,
            step,
            from,
            fate: Fate::NotShown,
            awaited: false,
        });
    }

    fn says(&mut self, step: usize, track: usize, text: &str) {
        let begins = |word: &str| text.starts_with(word);
        let span = |text: &str| Span {
            track,
            begin: step,
            end: None,
            text: text.to_owned(),
        };
        if begins("sleeps") {
            self.picture.sleeps.push(span(text));
        } else if text == "gets up" {
            self.picture.end_sleep(track, step);
        } else if begins("set for ") || begins("has a timer for ") {
            self.picture.armed.push(span(text));
            self.point(step, track, PointKind::Sets, text);
        } else if text == "fires" || text == "its timer fires" {
            self.fired = Some(track);
            self.point(step, track, PointKind::Fires, text);
        } else {
            self.point(step, track, PointKind::Says, text);
        }
    }

    fn point(&mut self, step: usize, track: usize, kind: PointKind, text: &str) {
        if matches!(kind, PointKind::Fires | PointKind::Drops) {
            let armed = self.picture.armed.iter_mut().rev();
            let open = |span: &&mut Span| span.track == track && span.end.is_none();
            if let Some(span) = armed.rev().find(open) {
                span.end = Some(step);
            }
        }
        let text = text.to_owned();
        self.picture.points.push(Point {
            track,
            step,
            kind,
            text,
        });
    }

    fn finish(mut self) -> Picture {
        self.picture.end_sleeps_that_no_wake_ended();
        self.picture.find_waits();
        self.picture.find_fates();
        self.picture
    }
}

/// Whose waker a call came with.
fn polled_by(call: &str) -> Option<&str> {
    let name = call.strip_prefix("polled by ")?;
    Some(name.strip_suffix(" after the end").unwrap_or(name))
}

impl Call {
    fn polled_by(&self, poller: usize, calls: &[Call]) -> bool {
        let place = calls.iter().position(|call| std::ptr::eq(call, self));
        let side = |call: &Call| call.track == poller && call.of.is_some() && call.of == place;
        calls.iter().any(side)
    }
}

impl Picture {
    fn end_sleep(&mut self, track: usize, step: usize) {
        let mut sleeps = self.sleeps.iter_mut().rev();
        let open = |sleep: &&mut Span| sleep.track == track && sleep.end.is_none();
        if let Some(sleep) = sleeps.find(open) {
            sleep.end = Some(step);
        }
    }

    /// Where a track never says that it gets up, its sleeps last until anything happens.
    fn end_sleeps_that_no_wake_ended(&mut self) {
        let steps = self.steps.len();
        let gets_up: Vec<usize> = self
            .sleeps
            .iter()
            .filter(|sleep| sleep.end.is_some())
            .map(|sleep| sleep.track)
            .collect();
        for sleep in &mut self.sleeps {
            if sleep.end.is_none() && !gets_up.contains(&sleep.track) && sleep.begin + 1 < steps {
                sleep.end = Some(sleep.begin + 1);
            }
        }
    }

    fn find_waits(&mut self) {
        let last = self.steps.len().saturating_sub(1);
        let pending = self
            .calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.kind() == Outcome::Pending);
        let mut waits = Vec::new();
        for (place, call) in pending {
            let begin = self.last_step(call);
            let next = self.calls[place + 1..]
                .iter()
                .position(|next| next.track == call.track && next.begin >= begin);
            let next = next.map(|next| place + 1 + next);
            let poll = next.map(|next| (self.calls[next].begin, WaitEnd::Poll(next)));
            let over = self
                .over(place, call, begin)
                .map(|step| (step, WaitEnd::Over));
            // A wait that ends at the step of the next poll was ended by that poll.
            let first = poll.into_iter().chain(over).min_by_key(|(step, _)| *step);
            let (end, by) = first.unwrap_or((last, WaitEnd::Nothing));
            waits.push(Wait {
                track: call.track,
                poll: place,
                begin,
                end,
                by,
                what_for: self.what_for(place, call, end),
            });
        }
        self.waits = waits;
    }

    /// The step after `begin` at which nothing waits any more for what this call was pending on.
    fn over(&self, place: usize, call: &Call, begin: usize) -> Option<usize> {
        let polled = call.of.unwrap_or(place);
        let mut gone = vec![self.calls[polled].track, call.track];
        let mut outer = self.calls[polled].parent;
        let mut ended = Vec::new();
        while let Some(call) = outer {
            gone.push(self.calls[call].track);
            ended.push(self.calls[call].track);
            outer = self.calls[call].parent;
        }
        let dropped = self.points.iter().filter(|point| {
            point.kind == PointKind::Drops && point.step > begin && gone.contains(&point.track)
        });
        let finished = self.calls.iter().filter(|it| {
            it.is_the_end() && self.last_step(it) > begin && ended.contains(&it.track)
        });
        let others = self.calls.iter().filter(|it| {
            call.of.is_some()
                && it.of.is_none()
                && it.track == self.calls[polled].track
                && it.begin > begin
        });
        let steps = dropped.map(|point| point.step);
        let steps = steps.chain(finished.map(|it| self.last_step(it)));
        steps.chain(others.map(|it| it.begin)).min()
    }

    /// The tracks that were pending in this call, and the timers that were set in it and are not over at `end`.
    fn what_for(&self, place: usize, call: &Call, end: usize) -> Vec<usize> {
        if let Some(polled) = call.of {
            return vec![self.calls[polled].track];
        }
        let children = self.calls.iter().filter(|child| {
            child.parent == Some(place) && child.of.is_none() && child.kind() == Outcome::Pending
        });
        let within = call.begin..=self.last_step(call);
        let timers = self.armed.iter().filter(|span| {
            within.contains(&span.begin)
                && span.end.is_none_or(|over| over >= end)
                && span.track != call.track
        });
        let mut tracks: Vec<usize> = children
            .map(|child| child.track)
            .chain(timers.map(|span| span.track))
            .collect();
        tracks.dedup();
        tracks
    }

    fn find_fates(&mut self) {
        // A loop's tasks are polled by the loop, and it records that: one without a poll was not polled.
        let a_loop = self.tracks.iter().any(|track| track.name == "loop");
        let mut wakes = std::mem::take(&mut self.wakes);
        for wake in &mut wakes {
            let polls = || {
                self.calls
                    .iter()
                    .enumerate()
                    .filter(|(_, call)| call.track == wake.track)
            };
            let runs_at = |call: &Call| (call.begin..=self.last_step(call)).contains(&wake.step);
            let outermost = |call: &Call| !self.is_inside(call, wake.track);
            let next = polls().find(|(_, call)| call.begin > wake.step && outermost(call));
            wake.fate = match next {
                Some((poll, _)) => Fate::Poll(poll),
                None if polls().any(|(_, call)| call.is_the_end() && runs_at(call)) => {
                    Fate::NotNeeded
                }
                None if a_loop || polls().next().is_some() => Fate::Nothing,
                None => Fate::NotShown,
            };
            let waits = self.waits.iter().any(|wait| {
                wait.track == wake.track && (wait.begin..=wait.end).contains(&wake.step)
            });
            let runs = polls().any(|(_, call)| runs_at(call));
            wake.awaited = waits || runs || polls().next().is_none();
        }
        self.wakes = wakes;
    }

    /// A run without a fault may end with a task that is woken and not polled yet: nothing was lost.
    fn forgive_the_last_wakes(&mut self) {
        let last = self.wakes.iter_mut();
        for wake in last.filter(|wake| wake.fate == Fate::Nothing && wake.awaited) {
            wake.fate = Fate::AtTheEnd;
        }
    }

    fn is_inside(&self, call: &Call, track: usize) -> bool {
        let mut outer = call.parent;
        while let Some(call) = outer {
            if self.calls[call].track == track {
                return true;
            }
            outer = self.calls[call].parent;
        }
        false
    }
}
