//! A run, step by step: what a player shows at each.
//!
//! ```text
//!  Recording ──▶ Picture ──▶ Play ──▶ json ──▶ the player in the browser
//! ```
//!
//! A step is a line of the recording's text form, and a column of the picture. Its state is what holds *after* it.

use std::collections::BTreeMap;
use std::time::Duration;

use probe::{Recording, Run, What};
use serde::{Deserialize, Serialize};

use crate::model::{Fate, Outcome, Picture, PointKind, Span, WaitEnd};
use crate::words;

/// A run, ready to be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// What the run shows, in a few words.
    pub title: String,
    /// The tracks, as the picture has them.
    pub tracks: Vec<String>,
    /// The file whose lines the steps name, if there is one.
    pub source: Option<Source>,
    /// One for each line of the recording's text form.
    pub steps: Vec<Step>,
    /// Those parts of the state that are ever there, in the order in which they are to be shown.
    pub panels: Vec<Panel>,
    /// What matters about the run as a whole, in sentences.
    pub notes: Vec<String>,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its path in the course.
    pub path: String,
    /// The name of the marked part that is shown; empty for the whole file, or for lines that have no name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// In a kept play, the hash of the lines of code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// Its lines, or those of them that are shown. A kept play has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SourceLine>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLine {
    /// Its number, from 1.
    pub number: u32,
    /// Its text.
    pub text: String,
}

/// One thing that happens, and the state after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number, from 1.
    pub number: usize,
    /// The virtual time, or nothing if it is that of the step before.
    pub at: String,
    /// In whose track it happens.
    pub track: String,
    /// What happens, without indentation.
    pub text: String,
    /// In how many calls.
    pub depth: usize,
    /// The line of the source at which the track's code is, if that is known: where it waits, if it waits.
    pub line: Option<u32>,
    /// Whether the test fails at this step.
    pub marked: bool,
    /// What holds now.
    pub state: State,
}

/// A part of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Panel {
    /// [`State::running`].
    Running,
    /// [`State::ready`].
    Ready,
    /// [`State::timers`].
    Timers,
    /// [`State::asleep`].
    Asleep,
    /// [`State::wakers`].
    Wakers,
    /// [`State::tasks`].
    Tasks,
}

/// What holds after a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The tracks whose code is under way, outermost first.
    pub running: Vec<String>,
    /// Who was woken and not yet polled, in the order of the wakes.
    pub ready: Vec<String>,
    /// The timers that are set, earliest first.
    pub timers: Vec<Armed>,
    /// The loops or threads that sleep.
    pub asleep: Vec<Asleep>,
    /// The wakers that are stored. Only a recording with places knows them.
    pub wakers: Vec<Kept>,
    /// Every task, future and generator, with its state.
    pub tasks: Vec<Task>,
}

/// A timer that is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Armed {
    /// Its name.
    pub name: String,
    /// For when, as the recording says it.
    pub at: String,
}

/// A loop or a thread that sleeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asleep {
    /// Who.
    pub who: String,
    /// How the recording says it: `sleeps, for 10ms at most`.
    pub text: String,
}

/// A waker that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The track that it wakes.
    pub of: String,
    /// The track that stores it.
    pub by: String,
}

/// A task, a future or a generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// How it stands with it: `runs`, `waits for timer 1`, `is over: ready(7)`.
    pub state: String,
}

impl Play {
    /// What is to be played of a recording. `marked` is the event that broke the law, if one did.
    #[must_use]
    pub fn of(
        title: &str,
        recording: &Recording,
        marked: Option<usize>,
        source: Option<Source>,
    ) -> Play {
        let picture = Picture::of(recording, marked);
        let reader = Reader {
            recording,
            picture: &picture,
            lines: lines_of(recording, source.as_ref()),
            first_lines: first_lines(recording),
        };
        let steps: Vec<Step> = reader.steps();
        Play {
            title: title.to_owned(),
            tracks: picture
                .tracks
                .iter()
                .map(|track| track.name.clone())
                .collect(),
            source,
            panels: panels(&steps),
            steps,
            notes: words::notes(&picture),
        }
    }

    /// What is to be played of a program's run: `file` is the program, as a path in the course, `text` what it holds, and `part` the
    /// name of the marked part that is shown; all of it, if it has no part of that name.
    #[must_use]
    pub fn of_program(title: &str, run: &Run, file: &str, text: &str, part: &str) -> Play {
        let source = Source::anchored(file, text, part);
        Play::of(title, &run.recorder().recording(), None, Some(source))
    }

    /// As JSON, a step a line.
    pub(crate) fn written(&self) -> String {
        let json = |value: &dyn erased::Json| value.json();
        let steps: Vec<String> = self.steps.iter().map(|step| json(step)).collect();
        format!(
            "{{\n\"title\": {},\n\"tracks\": {},\n\"source\": {},\n\"steps\": [\n{}\n],\n\"panels\": {},\n\"notes\": {}\n}}",
            json(&self.title),
            json(&self.tracks),
            json(&self.source),
            steps.join(",\n"),
            json(&self.panels),
            json(&self.notes),
        )
    }
}

mod erased {
    pub(super) trait Json {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).expect("strings, numbers and lists can be written")
        }
    }
}

impl Source {
    /// Whether a line is among those that are shown.
    fn has(&self, line: u32) -> bool {
        self.lines.iter().any(|shown| shown.number == line)
    }

    /// A whole file.
    #[must_use]
    pub fn whole(path: &str, text: &str) -> Source {
        Source::part(path, text, 1, u32::MAX)
    }

    /// The lines from `first` to `last`, both included. Marks of the book and of the course are left out, and so is the call by which
    /// each program ends quietly when its output is closed.
    #[must_use]
    pub fn part(path: &str, text: &str, first: u32, last: u32) -> Source {
        let is_mark = |text: &str| {
            let text = text.trim_start();
            ["// ANCHOR", "// YOURS", "// STUB", "closed_output::"]
                .iter()
                .any(|mark| text.starts_with(mark))
        };
        let lines = (1..).zip(text.lines());
        let lines =
            lines.filter(|(number, text)| (first..=last).contains(number) && !is_mark(text));
        Source {
            path: path.to_owned(),
            part: String::new(),
            hash: String::new(),
            lines: lines
                .map(|(number, text)| SourceLine {
                    number,
                    text: text.to_owned(),
                })
                .collect(),
        }
    }

    /// The part between the marks `ANCHOR: name` and `ANCHOR_END: name`; the whole, if there are no such marks.
    #[must_use]
    pub fn anchored(path: &str, text: &str, name: &str) -> Source {
        let find = |mark: &str| {
            let mark = format!("// {mark}: {name}");
            let mut lines = (1..).zip(text.lines());
            lines.find(|(_, line)| line.trim() == mark)
        };
        let shown = match (find("ANCHOR"), find("ANCHOR_END")) {
            (Some((first, _)), Some((last, _))) => Source::part(path, text, first + 1, last - 1),
            _ => Source::whole(path, text),
        };
        Source {
            part: name.to_owned(),
            ..shown
        }
    }
}

/// Works the steps out.
struct Reader<'a> {
    recording: &'a Recording,
    picture: &'a Picture,
    /// The place in the source that belongs to each event.
    lines: Vec<Option<u32>>,
    /// The step in which each track is first spoken of.
    first_lines: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn steps(&self) -> Vec<Step> {
        let mut first = 0;
        let mut ready: Vec<String> = Vec::new();
        let mut wakers: Vec<Kept> = Vec::new();
        let lines = self.recording.lines().into_iter().enumerate();
        let step = |(place, line): (usize, probe::recording::Line)| {
            self.queue(&mut ready, place);
            for event in &self.recording.events[first..=line.event] {
                keep(&mut wakers, &event.track, &event.what);
            }
            // A call that is one line ends where its last event is, and so does a waker that is let go in it.
            let within = first..=line.event;
            first = line.event + 1;
            let text = line.text.trim_start();
            let at = match &self.picture.steps[place] {
                at if at.moved => format!("{:?}", at.at),
                _ => String::new(),
            };
            Step {
                number: place + 1,
                at,
                track: line.track.clone(),
                text: text.to_owned(),
                depth: (line.text.len() - text.len()) / 2,
                line: self.line_in(within),
                marked: self.picture.marked == Some(place),
                state: State {
                    running: self.running(place),
                    ready: ready.clone(),
                    timers: self.timers(place),
                    asleep: self.asleep(place),
                    wakers: wakers.clone(),
                    tasks: self.tasks(place),
                },
            }
        };
        lines.map(step).collect()
    }

    /// Where the last event of a step was. A silent one is passed over: where it was belongs to what comes after.
    fn line_in(&self, mut step: std::ops::RangeInclusive<usize>) -> Option<u32> {
        let events = &self.recording.events;
        step.rfind(|&event| self.lines[event].is_some() && !events[event].what.is_silent())
            .and_then(|event| self.lines[event])
    }

    /// A woken track joins at the end, a polled one leaves.
    fn queue(&self, ready: &mut Vec<String>, step: usize) {
        for call in self.picture.calls.iter().filter(|call| call.begin == step) {
            let polled = self.picture.name(call.track);
            ready.retain(|name| name != polled);
        }
        for wake in self.picture.wakes.iter().filter(|wake| wake.step == step) {
            let woken = self.picture.name(wake.track);
            let over = wake.fate == Fate::NotNeeded || self.is_over(wake.track, step);
            if !over && ready.iter().all(|name| name != woken) {
                ready.push(woken.to_owned());
            }
        }
        for point in self
            .points(step)
            .filter(|point| point.kind == PointKind::Drops)
        {
            let gone = self.picture.name(point.track);
            ready.retain(|name| name != gone);
        }
    }

    /// Whether the last that was seen of a track is that it came to its end.
    fn is_over(&self, track: usize, step: usize) -> bool {
        let mut calls = self.picture.calls.iter();
        let last = calls.rfind(|call| call.track == track && call.begin <= step);
        last.is_some_and(|call| call.is_the_end() && call.end.is_some_and(|end| end <= step))
    }

    fn points(&self, step: usize) -> impl Iterator<Item = &crate::model::Point> {
        let points = self.picture.points.iter();
        points.filter(move |point| point.step == step)
    }

    fn running(&self, step: usize) -> Vec<String> {
        let under_way = self.picture.calls.iter().filter(|call| {
            call.of.is_none() && call.begin <= step && call.end.is_none_or(|end| end > step)
        });
        under_way
            .map(|call| self.picture.name(call.track).to_owned())
            .collect()
    }

    fn timers(&self, step: usize) -> Vec<Armed> {
        let mut timers: Vec<(Duration, Armed)> = open(&self.picture.armed, step)
            .map(|span| {
                let at = span.text.rsplit(' ').next().unwrap_or_default().to_owned();
                let name = self.picture.name(span.track).to_owned();
                (duration(&at), Armed { name, at })
            })
            .collect();
        timers.sort_by_key(|(at, _)| *at);
        timers.into_iter().map(|(_, timer)| timer).collect()
    }

    fn asleep(&self, step: usize) -> Vec<Asleep> {
        open(&self.picture.sleeps, step)
            .map(|span| Asleep {
                who: self.picture.name(span.track).to_owned(),
                text: span.text.clone(),
            })
            .collect()
    }

    /// Every track that is called, or that waits, at any time.
    fn tasks(&self, step: usize) -> Vec<Task> {
        let mut tracks: Vec<usize> = self.picture.calls.iter().map(|call| call.track).collect();
        tracks.sort_unstable();
        tracks.dedup();
        let task = |track| Task {
            name: self.picture.name(track).to_owned(),
            state: self.how_it_stands(track, step),
        };
        let known = |track: &usize| self.is_known(*track, step);
        tracks.into_iter().filter(known).map(task).collect()
    }

    /// Whether anything was said of this track yet.
    fn is_known(&self, track: usize, step: usize) -> bool {
        let first = self.first_lines.get(self.picture.name(track));
        let mut calls = self.picture.calls.iter();
        first.is_some_and(|first| *first <= step)
            || calls.any(|call| call.track == track && call.begin <= step)
    }

    fn how_it_stands(&self, track: usize, step: usize) -> String {
        let dropped = self.picture.points.iter().any(|point| {
            point.track == track && point.kind == PointKind::Drops && point.step <= step
        });
        let mut calls = self.picture.calls.iter().enumerate();
        let last = calls.rfind(|(_, call)| call.track == track && call.begin <= step);
        let Some((place, call)) = last else {
            return if dropped {
                "is dropped"
            } else {
                "has not started"
            }
            .to_owned();
        };
        if call.end.is_none_or(|end| end > step) {
            return "runs".to_owned();
        }
        if call.is_the_end() {
            return format!("is finished: {}", call.outcome);
        }
        if dropped {
            return "is dropped".to_owned();
        }
        if call.kind() != Outcome::Pending {
            return format!("pauses: {}", call.outcome);
        }
        self.how_it_waits(place, step)
    }

    fn how_it_waits(&self, poll: usize, step: usize) -> String {
        let Some(wait) = self.picture.waits.iter().find(|wait| wait.poll == poll) else {
            return "waits".to_owned();
        };
        if wait.by == WaitEnd::Over && wait.end <= step {
            return "waits no more".to_owned();
        }
        let woken = self.picture.wakes.iter().any(|wake| {
            wake.track == wait.track && (self.picture.calls[poll].begin..=step).contains(&wake.step)
        });
        if woken {
            return "is ready to be polled".to_owned();
        }
        let mut names = self.what_for(poll, step);
        names.dedup();
        match names.is_empty() {
            true => "waits".to_owned(),
            false => format!("waits for {}", words::listed(&names)),
        }
    }

    /// The futures that were pending in this poll, and the timers that were set in it and still are.
    fn what_for(&self, poll: usize, step: usize) -> Vec<String> {
        let call = &self.picture.calls[poll];
        let within = call.begin..=self.picture.last_step(call);
        let polled = call.of.map(|of| self.picture.calls[of].track);
        let children = self.picture.calls.iter().filter(|child| {
            child.parent == Some(poll) && child.of.is_none() && child.kind() == Outcome::Pending
        });
        let timers = open(&self.picture.armed, step)
            .filter(|span| within.contains(&span.begin) && span.track != call.track);
        let tracks = polled
            .into_iter()
            .chain(children.map(|child| child.track))
            .chain(timers.map(|span| span.track));
        tracks
            .map(|track| self.picture.name(track).to_owned())
            .collect()
    }
}

/// Worked out once: a run that goes round in circles has tens of thousands of lines.
fn first_lines(recording: &Recording) -> BTreeMap<String, usize> {
    let mut first = BTreeMap::new();
    for (step, line) in recording.lines().into_iter().enumerate() {
        first.entry(line.track).or_insert(step);
    }
    first
}

/// The spans that hold after a step.
fn open(spans: &[Span], step: usize) -> impl Iterator<Item = &Span> {
    let holds = move |span: &&Span| span.begin <= step && span.end.is_none_or(|end| end > step);
    spans.iter().filter(holds)
}

fn keep(wakers: &mut Vec<Kept>, of: &str, what: &What) {
    match what {
        What::Kept { by } => wakers.push(Kept {
            of: of.to_owned(),
            by: by.clone(),
        }),
        What::LetGo { by } => {
            let same = |kept: &Kept| kept.of == of && kept.by == *by;
            if let Some(place) = wakers.iter().position(same) {
                wakers.remove(place);
            }
        }
        _ => {}
    }
}

/// The line of the source for each event. What is called comes back to where it was: so a track that is polled stands where it
/// waited, or where it was spawned, until something else is seen of it; and when it returns it stands where it was seen last.
fn lines_of(recording: &Recording, source: Option<&Source>) -> Vec<Option<u32>> {
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    let mut open: Vec<&str> = Vec::new();
    let mut lines = Vec::new();
    for event in &recording.events {
        let track = event.track.as_str();
        let at = event
            .line
            .filter(|line| source.is_some_and(|source| source.has(*line)));
        // The innermost call is the one whose code runs.
        let inside = open.last().copied();
        lines.push(match &event.what {
            What::Enters(_) => {
                if let (Some(inside), Some(line)) = (inside, at) {
                    places.insert(inside, line);
                }
                open.push(track);
                places.get(track).copied().or(at)
            }
            What::Leaves(_) => {
                open.pop();
                places.get(track).copied().or(at)
            }
            what => {
                if let (Some(inside), Some(line)) = (inside, at) {
                    places.insert(inside, line);
                }
                if let (What::Says(text), Some(line)) = (what, at)
                    && text == "spawned"
                {
                    places.insert(track, line);
                }
                at
            }
        });
    }
    lines
}

/// The panels that have anything to show.
fn panels(steps: &[Step]) -> Vec<Panel> {
    let any = |has: fn(&State) -> bool| steps.iter().any(|step| has(&step.state));
    let all = [
        (Panel::Running, any(|state| !state.running.is_empty())),
        (Panel::Ready, any(|state| !state.ready.is_empty())),
        (Panel::Timers, any(|state| !state.timers.is_empty())),
        (Panel::Asleep, any(|state| !state.asleep.is_empty())),
        (Panel::Wakers, any(|state| !state.wakers.is_empty())),
        (Panel::Tasks, any(|state| !state.tasks.is_empty())),
    ];
    let there = all.into_iter().filter(|(_, there)| *there);
    there.map(|(panel, _)| panel).collect()
}

/// The time in a recording's words, for sorting.
fn duration(text: &str) -> Duration {
    crate::parse::time(text).unwrap_or(Duration::MAX)
}
