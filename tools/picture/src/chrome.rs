//! The picture as JSON in Chrome's Trace Event Format, which Perfetto opens.
//!
//! Each track is a thread, and a step is a millisecond, so that the number on the axis is that of the line in the text form; the run's
//! own time stands among the arguments. Calls, waits, sleeps and timers are complete events (`X`), which nest in each thread. A wake
//! is a short one in the track of the task that is woken, with a flow (`s`, `f`) from the call that it was made in and another to the poll
//! that came of it: a flow begins and ends in a slice, or Perfetto leaves it out. All else is an instant (`i`).

use serde_json::{Value, json};

use crate::model::{Call, Fate, Picture, PointKind, Source, Wake};
use crate::words;

/// A step, in the format's microseconds.
const STEP: usize = 1_000;
/// How much of its last step a slice takes, so that the next one does not touch it.
const LAST: usize = 800;
/// How long a wake is drawn, beginning a little after its step does.
const WAKE: usize = 500;
const PROCESS: usize = 1;

/// Draws the picture. `name` is that of the process in the viewer.
#[must_use]
pub fn draw(picture: &Picture, name: &str) -> String {
    let mut trace = Trace {
        picture,
        events: Vec::new(),
        slices: Vec::new(),
        flows: 0,
    };
    trace.names(name);
    trace.calls();
    trace.wakes();
    trace.spans();
    trace.points();
    let events: Vec<String> = trace.events.iter().map(Value::to_string).collect();
    let about = json!({ "run": words::story(picture) });
    format!(
        "{{\"displayTimeUnit\":\"ms\",\"otherData\":{about},\"traceEvents\":[\n{}\n]}}\n",
        events.join(",\n")
    )
}

struct Trace<'a> {
    picture: &'a Picture,
    events: Vec<Value>,
    /// What was drawn as a slice: track, begin, end.
    slices: Vec<(usize, usize, usize)>,
    flows: usize,
}

impl Trace<'_> {
    fn names(&mut self, name: &str) {
        let meta = |what: &str, tid: usize, args: Value| json!({ "ph": "M", "name": what, "pid": PROCESS, "tid": tid, "args": args });
        self.events
            .push(meta("process_name", 0, json!({ "name": name })));
        for (track, this) in self.picture.tracks.iter().enumerate() {
            self.events.push(meta(
                "thread_name",
                thread(track),
                json!({ "name": this.name }),
            ));
            self.events.push(meta(
                "thread_sort_index",
                thread(track),
                json!({ "sort_index": track }),
            ));
        }
    }

    fn calls(&mut self) {
        for call in &self.picture.calls {
            let outcome = if call.end.is_some() {
                call.outcome.as_str()
            } else {
                "has not come back"
            };
            let args = json!({ "line": call.begin + 1, "outcome": outcome, "time": self.time(call.begin) });
            let name = format!("{} → {outcome}", call.text);
            self.slice(
                call.track,
                &name,
                "call",
                begin(call.begin),
                self.end_of(call),
                &args,
            );
        }
    }

    fn end_of(&self, call: &Call) -> usize {
        call.end
            .map_or(begin(self.picture.steps.len()), |end| begin(end) + LAST)
    }

    fn wakes(&mut self) {
        for wake in &self.picture.wakes {
            let name = if wake.fate == Fate::Nothing {
                "woken, and no poll follows"
            } else {
                "woken"
            };
            let (from, to) = (begin(wake.step) + 100, begin(wake.step) + 100 + WAKE);
            let by = match wake.from {
                Source::Outside => "from outside",
                source => self
                    .picture
                    .track_of(source)
                    .map_or("", |track| self.picture.name(track)),
            };
            let args = json!({ "line": wake.step + 1, "by": by, "time": self.time(wake.step) });
            if self.slice(wake.track, name, "wake", from, to, &args) {
                self.flows_of(wake, from);
            }
        }
    }

    fn flows_of(&mut self, wake: &Wake, at: usize) {
        if let Source::Call(call) = wake.from {
            let caller = self.picture.calls[call].track;
            if caller != wake.track {
                self.flow("wakes", (caller, at), (wake.track, at + 1));
            }
        }
        if let Fate::Poll(poll) = wake.fate {
            let poll = &self.picture.calls[poll];
            self.flow(
                "is polled",
                (wake.track, at + WAKE / 2),
                (poll.track, begin(poll.begin)),
            );
        }
    }

    fn flow(&mut self, name: &str, from: (usize, usize), to: (usize, usize)) {
        self.flows += 1;
        let end = |ph: &str, (track, at): (usize, usize)| json!({ "ph": ph, "name": name, "cat": "wake", "id": self.flows, "pid": PROCESS, "tid": thread(track), "ts": at });
        let (start, mut finish) = (end("s", from), end("f", to));
        // Without this it would end in the next slice that begins, and not in the one that it stands in.
        finish["bp"] = json!("e");
        self.events.extend([start, finish]);
    }

    fn spans(&mut self) {
        let picture = self.picture;
        let end = begin(picture.steps.len());
        for wait in &picture.waits {
            let to = if wait.by == crate::model::WaitEnd::Nothing {
                end
            } else {
                begin(wait.end)
            };
            let names: Vec<&str> = wait
                .what_for
                .iter()
                .map(|&track| picture.name(track))
                .collect();
            let name = if names.is_empty() {
                "waits".to_owned()
            } else {
                format!("waits for {}", names.join(", "))
            };
            self.slice(
                wait.track,
                &name,
                "wait",
                begin(wait.begin) + LAST,
                to,
                &json!({ "line": wait.begin + 1 }),
            );
        }
        for (spans, category) in [(&picture.sleeps, "sleep"), (&picture.armed, "timer")] {
            for span in spans {
                let to = span.end.map_or(end, begin);
                self.slice(
                    span.track,
                    &span.text,
                    category,
                    begin(span.begin),
                    to,
                    &json!({ "line": span.begin + 1 }),
                );
            }
        }
    }

    fn points(&mut self) {
        let picture = self.picture;
        for point in picture
            .points
            .iter()
            .filter(|point| point.kind != PointKind::Sets)
        {
            let args = json!({ "line": point.step + 1, "time": self.time(point.step) });
            self.instant(thread(point.track), &point.text, "t", point.step, &args);
        }
        if let Some(marked) = picture.marked {
            self.instant(
                0,
                "the test fails here",
                "g",
                marked,
                &json!({ "line": marked + 1 }),
            );
        }
    }

    fn instant(&mut self, tid: usize, name: &str, scope: &str, step: usize, args: &Value) {
        self.events.push(json!({
            "ph": "i", "name": name, "cat": "event", "s": scope, "pid": PROCESS, "tid": tid, "ts": begin(step), "args": args,
        }));
    }

    /// A slice, if it nests with what its track has: one that would overlap is left out, and `false` says so.
    fn slice(
        &mut self,
        track: usize,
        name: &str,
        category: &str,
        from: usize,
        to: usize,
        args: &Value,
    ) -> bool {
        let overlaps = |&(other, begin, end): &(usize, usize, usize)| {
            let apart = to <= begin || end <= from;
            let nested = (begin <= from && to <= end) || (from <= begin && end <= to);
            other == track && !apart && !nested
        };
        if from >= to || self.slices.iter().any(overlaps) {
            return false;
        }
        self.slices.push((track, from, to));
        self.events.push(json!({
            "ph": "X", "name": name, "cat": category, "pid": PROCESS, "tid": thread(track), "ts": from, "dur": to - from, "args": args,
        }));
        true
    }

    fn time(&self, step: usize) -> String {
        format!("{:?}", self.picture.steps[step].at)
    }
}

fn begin(step: usize) -> usize {
    step * STEP
}

/// Threads are counted from 1: 0 is the process's own.
fn thread(track: usize) -> usize {
    track + 1
}
