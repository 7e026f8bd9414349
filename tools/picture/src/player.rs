//! The player: a run in a web page, stepped through by its reader.
//!
//! ```text
//!  Play ──┬──▶ script (JSON) ──▶ player.js ──▶ buttons, playhead, source, state: for a browser with JavaScript
//!         └──▶ picture, source, table ───────▶ the run as it stands: for every other browser, and in print
//! ```
//!
//! [`element`] is one player, for a page of the book; [`page`] a whole page that needs no other file. The wording of the state is
//! made here, once for both ways.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::narration;
use crate::play::{Panel, Play, Source, State, Step};
use crate::svg::{self, Notes, escape};
use crate::{Picture, parse};

/// The script that makes a player of each element. It needs nothing else, and fetches nothing.
pub const SCRIPT: &str = include_str!("../assets/player.js");

/// The style of the players. It takes its colours from the variables of mdBook's themes.
pub const STYLE: &str = include_str!("../assets/player.css");

/// What the reader of a run is asked before its steps are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prediction {
    /// The questions, in the order of their steps.
    pub asks: Vec<Ask>,
    /// What happens, one after the other, as it stands on cards. The wrong cards of a question are taken from here.
    pub cards: Vec<String>,
    /// Cards for what never happens, but might be expected.
    pub also: Vec<String>,
    /// What is said when all is predicted.
    pub end: String,
}

/// A question: what happens next?
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ask {
    /// The number of the step that is asked for.
    pub step: usize,
    /// The number of the last step that is shown before the answer is given; 0 for none.
    pub after: usize,
    /// The place of the right card in [`Prediction::cards`].
    pub card: usize,
}

/// The play in a JSON text, as [`Play::json`] writes it.
///
/// # Errors
///
/// With a sentence that says what is wrong, if it is none.
pub fn read(json: &str) -> Result<Play, String> {
    serde_json::from_str(json).map_err(|error| format!("this is no run to play: {error}"))
}

/// The image of a play.
///
/// # Errors
///
/// If its steps are not the lines of a recording.
pub fn image(play: &Play, id: &str) -> Result<String, String> {
    let parsed = parse::parse(&lines(play))?;
    let picture = Picture::of(&parsed.recording, parsed.marked);
    Ok(svg::draw(&picture, id, &play.title, Notes::Outside))
}

/// One player. `image` is the picture of the same run, and `id` is unlike any other on the page.
///
/// There is no blank line in it, so it can stand in Markdown.
///
/// # Panics
///
/// Never: strings, numbers and lists can be written as JSON.
#[must_use]
pub fn element(play: &Play, image: &str, id: &str, prediction: Option<&Prediction>) -> String {
    let script = serde_json::to_string(&Script::of(play, prediction)).expect("it is plain data");
    // Inside of a script element, nothing may look like its end.
    let script = script.replace('<', "\\u003c");
    let source = play.source.as_ref().map(listing).unwrap_or_default();
    let run = format!(
        "<div class=\"run-scroll\" tabindex=\"0\">\n{}\n</div>\n{}{}",
        image.trim_end(),
        notes(play),
        table(play)
    );
    let fixed = match prediction {
        None => format!("<div class=\"run-static\">\n{run}{source}</div>\n"),
        Some(_) => format!(
            "<div class=\"run-static\">\n{source}</div>\n<details class=\"run-static\">\n\
             <summary>The run, for when you have predicted it</summary>\n{run}</details>\n"
        ),
    };
    format!(
        "<div class=\"run-play\">\n<run-player id=\"{id}\">\n\
         <script type=\"application/json\">{script}</script>\n{fixed}</run-player>\n</div>\n"
    )
}

/// A page that shows one run, and needs no other file: what a verdict says of it above, and the lines of a right run below, if there are any.
#[must_use]
pub fn page(play: &Play, image: &str, verdict: &[String], right: Option<&str>) -> String {
    let said = verdict
        .iter()
        .map(|said| format!("<p>{}</p>\n", escape(said)));
    let right = right.map(|lines| {
        let lines = escape(lines);
        format!("<h2>The expected run</h2>\n<pre tabindex=\"0\">{lines}</pre>\n")
    });
    format!(
        "{BEGINNING}{HEAD}<title>{title}</title>\n<style>\n{COLOURS}{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{said}{player}{right}</main>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        title = escape(&play.title),
        said = said.collect::<String>(),
        player = element(play, image, "run-player", None),
        right = right.unwrap_or_default(),
    )
}

/// How a [`page`] begins, so that such a file is known again.
pub const BEGINNING: &str = "<!DOCTYPE html>\n<!-- A run, to be stepped through. -->\n";

/// What stands before the title. The policy says that nothing is loaded from anywhere.
const HEAD: &str = "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n";

/// The variables that the book's themes set, for a page of its own.
const COLOURS: &str = "\
:root{color-scheme:light dark;--bg:#fff;--fg:#1d1d1d;--links:#20609f;--quote-bg:#eef3f9;--table-border-color:#c9cdd3}
@media (prefers-color-scheme:dark){:root{--bg:#1b1d22;--fg:#e4e4e4;--links:#8ab8f0;--quote-bg:#272c35;--table-border-color:#4b515c}}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--links:#20609f;--quote-bg:#eef3f9;--table-border-color:#c9cdd3}}
body{margin:0;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
main{max-width:84rem;margin:0 auto;padding:0.5rem}
h1{margin:0.5rem 0 0;font-size:1.3rem;overflow-wrap:anywhere}
h2{font-size:1.1rem}
main>p{margin:0.5rem 0;overflow-wrap:anywhere}
pre{overflow-x:auto}
";

/// What the player in the browser is given.
#[derive(Serialize)]
struct Script<'a> {
    title: &'a str,
    source: Option<&'a Source>,
    notes: &'a [String],
    panels: Vec<Titled>,
    steps: Vec<Shown<'a>>,
    predict: Option<&'a Prediction>,
}

#[derive(Serialize)]
struct Titled {
    name: &'static str,
    title: &'static str,
    empty: &'static str,
}

#[derive(Serialize)]
struct Shown<'a> {
    number: usize,
    at: &'a str,
    track: &'a str,
    text: &'a str,
    depth: usize,
    line: Option<u32>,
    marked: bool,
    /// The step in sentences.
    told: String,
    items: BTreeMap<&'static str, Vec<Item>>,
}

impl<'a> Script<'a> {
    fn of(play: &'a Play, predict: Option<&'a Prediction>) -> Script<'a> {
        let nothing = State::default();
        let before = std::iter::once(&nothing).chain(play.steps.iter().map(|step| &step.state));
        let shown = |(step, before): (&'a Step, &State)| Shown {
            number: step.number,
            at: &step.at,
            track: &step.track,
            text: &step.text,
            depth: step.depth,
            line: step.line,
            marked: step.marked,
            told: narration::of(step, before),
            items: panels(play)
                .map(|(panel, titled)| (titled.name, items(panel, &step.state)))
                .collect(),
        };
        Script {
            title: &play.title,
            source: play.source.as_ref(),
            notes: &play.notes,
            panels: panels(play).map(|(_, titled)| titled).collect(),
            steps: play.steps.iter().zip(before).map(shown).collect(),
            predict,
        }
    }
}

fn panels(play: &Play) -> impl Iterator<Item = (Panel, Titled)> {
    play.panels.iter().map(|&panel| (panel, titled(panel)))
}

/// What a part of the state is called, and what is said where there is nothing in it.
fn titled(panel: Panel) -> Titled {
    let (name, title, empty) = match panel {
        Panel::Running => ("running", "Running", "nothing runs"),
        Panel::Ready => ("ready", "Ready queue", "empty"),
        Panel::Timers => ("timers", "Timers", "none is set"),
        Panel::Asleep => ("asleep", "Asleep", "nothing sleeps"),
        Panel::Wakers => ("wakers", "Stored wakers", "none"),
        Panel::Tasks => ("tasks", "Tasks", "none yet"),
    };
    Titled { name, title, empty }
}

/// A thing in a part of the state: what stays the same as long as it is the same thing, and its words.
type Item = [String; 2];

fn items(panel: Panel, state: &State) -> Vec<Item> {
    let name = |name: &String| [name.clone(), name.clone()];
    match panel {
        Panel::Running => state.running.iter().map(name).collect(),
        Panel::Ready => state.ready.iter().map(name).collect(),
        Panel::Timers => {
            let timers = state.timers.iter();
            let words = timers.map(|timer| format!("{} at {}", timer.name, timer.at));
            words.map(|words| [words.clone(), words]).collect()
        }
        Panel::Asleep => {
            let asleep = state.asleep.iter();
            let item = asleep.map(|one| [one.who.clone(), format!("{} {}", one.who, one.text)]);
            item.collect()
        }
        Panel::Wakers => {
            let wakers = state.wakers.iter();
            let words = wakers.map(|kept| format!("{}’s, stored by {}", kept.of, kept.by));
            words.map(|words| [words.clone(), words]).collect()
        }
        Panel::Tasks => {
            let tasks = state.tasks.iter();
            let item =
                tasks.map(|task| [task.name.clone(), format!("{} {}", task.name, task.state)]);
            item.collect()
        }
    }
}

/// The lines of the run, from which its picture is drawn: the text form of its recording.
fn lines(play: &Play) -> String {
    let width = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let time = width(&mut play.steps.iter().map(|step| &step.at));
    let track = width(&mut play.steps.iter().map(|step| &step.track));
    let mut lines = String::new();
    for step in &play.steps {
        let _ = write!(lines, "{:>2}  ", step.number);
        if time > 0 {
            let _ = write!(lines, "{:>time$}  ", step.at);
        }
        let text = format!("{}{}", "  ".repeat(step.depth), step.text);
        let mark = if step.marked { "   ◂── here" } else { "" };
        let _ = writeln!(lines, "{:<track$}  {text}{mark}", step.track);
    }
    lines
}

fn notes(play: &Play) -> String {
    let notes: Vec<String> = play.notes.iter().map(|note| escape(note)).collect();
    match notes.is_empty() {
        true => String::new(),
        false => format!("<p class=\"run-notes\">{}</p>\n", notes.join(" ")),
    }
}

fn listing(source: &Source) -> String {
    let mut html = format!(
        "<p class=\"run-heading\">{}</p>\n<ol class=\"run-box run-source\">\n",
        escape(&source.path)
    );
    for line in &source.lines {
        let _ = writeln!(
            html,
            "<li><span class=\"run-number\">{}</span><span class=\"run-code\">{}</span></li>",
            line.number,
            escape(&line.text)
        );
    }
    html.push_str("</ol>\n");
    html
}

/// The run in words: a row for each step, with those parts of the state that it changed.
fn table(play: &Play) -> String {
    let has_times = play.steps.iter().any(|step| !step.at.is_empty());
    let time = if has_times {
        "<th scope=\"col\">Time</th>"
    } else {
        ""
    };
    let mut html = format!(
        "<table>\n<thead><tr><th scope=\"col\">Step</th>{time}<th scope=\"col\">Who</th><th scope=\"col\">What</th>\
         <th scope=\"col\">What is different now</th></tr></thead>\n<tbody>\n"
    );
    let mut before = &State::default();
    for step in &play.steps {
        let time = if has_times {
            format!("<td>{}</td>", escape(&step.at))
        } else {
            String::new()
        };
        let marked = if step.marked {
            " class=\"run-marked\""
        } else {
            ""
        };
        let mark = if step.marked { " ◂── here" } else { "" };
        let _ = writeln!(
            html,
            "<tr{marked}><td>{}</td>{time}<td>{}</td><td>{}{mark}</td><td>{}</td></tr>",
            step.number,
            escape(&step.track),
            escape(&step.text),
            escape(&different(play, before, &step.state))
        );
        before = &step.state;
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

/// The parts of the state that are not as they were, in words.
fn different(play: &Play, before: &State, now: &State) -> String {
    let changed = panels(play).filter(|(panel, _)| items(*panel, before) != items(*panel, now));
    let words = changed.map(|(panel, titled)| {
        let mut items: Vec<Item> = items(panel, now);
        // Of those that are always there, only who changed.
        if panel == Panel::Tasks {
            let were = self::items(panel, before);
            items.retain(|item| !were.contains(item));
        }
        let items: Vec<String> = items.into_iter().map(|[_, words]| words).collect();
        match items.is_empty() {
            true => format!("{}: {}.", titled.title, titled.empty),
            false => format!("{}: {}.", titled.title, items.join(", ")),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
