//! What holds for every picture, tried on the snapshots of all exercises.

use std::path::{Path, PathBuf};

use picture::svg::Notes;
use picture::text::{Letters, Options};
use picture::{Picture, chrome, parse, svg, text};
use serde_json::Value;

/// The text forms of all runs that are at hand, with their paths.
fn runs() -> Vec<(PathBuf, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut runs = Vec::new();
    for chapter in folders(&here.join("../../exercises")) {
        for path in files(&chapter.join("checks/snapshots"), "snap") {
            let text = std::fs::read_to_string(&path)
                .expect("the file can be read")
                .replace("\r\n", "\n");
            let body = text.split_once("\n---\n").map(|(_, body)| body.to_owned());
            runs.push((path, body.unwrap_or(text)));
        }
    }
    for path in files(&here.join("tests/recordings"), "txt") {
        let text = std::fs::read_to_string(&path)
            .expect("the file can be read")
            .replace("\r\n", "\n");
        runs.push((path, text));
    }
    assert!(runs.len() > 80, "only {} runs were found", runs.len());
    runs
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

fn files(path: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|its| its == ending))
        .collect()
}

fn pictures() -> impl Iterator<Item = (PathBuf, Picture)> {
    runs().into_iter().map(|(path, run)| {
        let parsed = parse::parse(&run)
            .unwrap_or_else(|complaint| panic!("{}: {complaint}", path.display()));
        (path, Picture::of(&parsed.recording, parsed.marked))
    })
}

#[test]
fn a_text_form_that_is_read_has_the_same_text_form_again() {
    for (path, run) in runs() {
        let parsed = parse::parse(&run)
            .unwrap_or_else(|complaint| panic!("{}: {complaint}", path.display()));
        let without_marks = run.replace("   ◂── here", "");
        assert_eq!(
            parsed.recording.to_string().trim_end(),
            without_marks.trim_end(),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_text_that_is_none_is_refused_by_its_line() {
    assert_eq!(
        parse::parse(" 1  a  b\n 3  a  c\n"),
        Err("Line 2 is none of a recording's text form.".to_owned())
    );
}

#[test]
fn no_line_is_wider_than_it_may_be_or_ends_with_spaces() {
    for (path, picture) in pictures() {
        for width in [40, 80, 100, 200] {
            for letters in [Letters::Unicode, Letters::Ascii] {
                let drawn = text::draw(
                    &picture,
                    &Options {
                        letters,
                        ..Options::wide(width)
                    },
                );
                for line in drawn.lines() {
                    assert!(
                        line.chars().count() <= width,
                        "{} at {width}: {line}\n{drawn}",
                        path.display()
                    );
                    assert_eq!(line, line.trim_end(), "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn without_unicode_no_sign_of_its_own_is_beyond_ascii() {
    for (path, picture) in pictures() {
        let options = Options {
            letters: Letters::Ascii,
            ..Options::wide(80)
        };
        let drawn = text::draw(&picture, &options);
        let sign = drawn
            .chars()
            .find(|&sign| "┄═─▶✗▲▼●│╧╤┼·■○◆∙".contains(sign));
        assert_eq!(sign, None, "{}\n{drawn}", path.display());
    }
}

#[test]
fn every_step_is_numbered_once() {
    for (path, picture) in pictures() {
        let drawn = svg::draw(&picture, "run", "a run", Notes::Inside);
        for step in 1..=picture.steps.len() {
            let number = format!(">{step}</text>");
            assert!(drawn.contains(&number), "{}: {step}", path.display());
        }
    }
}

#[test]
fn an_image_is_well_formed_and_says_its_run_in_words() {
    for (path, picture) in pictures() {
        let drawn = svg::draw(&picture, "run", "a <run> & its \"title\"", Notes::Outside);
        assert!(
            drawn.contains(
                "<title id=\"run-title\">a &lt;run&gt; &amp; its &quot;title&quot;</title>"
            )
        );
        assert!(
            drawn.contains("<desc id=\"run-desc\">A run "),
            "{}",
            path.display()
        );
        assert!(
            !drawn.contains("\n\n") && !drawn.contains("<script"),
            "{}",
            path.display()
        );
        assert_eq!(
            open_elements(&drawn),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }
}

/// The elements that are opened and never closed. Panics where one is closed that is not open.
fn open_elements(svg: &str) -> Vec<String> {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').expect("a tag has an end");
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !inside.ends_with('/') {
            open.push(inside.split(' ').next().unwrap_or_default().to_owned());
        }
    }
    open
}

#[test]
fn words_in_an_image_stand_apart() {
    for (path, picture) in pictures() {
        let drawn = svg::draw(&picture, "run", "a run", Notes::Inside);
        let mut words: Vec<(usize, usize, usize)> = drawn.lines().filter_map(word).collect();
        words.sort_unstable();
        for pair in words.windows(2) {
            let [(line, _, end), (other, begin, _)] = [pair[0], pair[1]];
            assert!(
                line != other || end <= begin,
                "{}: {pair:?}",
                path.display()
            );
        }
    }
}

/// A word's line, and where it begins and ends if each of its letters is as wide as is allowed for.
fn word(line: &str) -> Option<(usize, usize, usize)> {
    let text = line.strip_prefix("<text ")?;
    let number = |name: &str| {
        text.split_once(name)?
            .1
            .split_once('"')?
            .0
            .parse::<usize>()
            .ok()
    };
    let words = text.split_once('>')?.1.strip_suffix("</text>")?;
    let words = words
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let (x, y) = (number("x=\"")?, number("y=\"")?);
    Some((y, x, x + 8 * words.chars().count()))
}

#[test]
fn a_trace_file_keeps_the_rules_of_the_format() {
    for (path, picture) in pictures() {
        let drawn = chrome::draw(&picture, "a run");
        let trace: Value = serde_json::from_str(&drawn)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let events = trace["traceEvents"]
            .as_array()
            .expect("there is a list of events");
        let rules = Rules {
            path: &path,
            events,
        };
        rules.fields();
        rules.names(picture.tracks.len());
        rules.nesting();
        rules.flows();
    }
}

/// The rules of the Trace Event Format, as far as these files make use of it.
struct Rules<'a> {
    path: &'a Path,
    events: &'a [Value],
}

impl Rules<'_> {
    /// Each event has a name, a phase, a process and a thread; all but the metadata have a time, in whole microseconds here.
    fn fields(&self) {
        for event in self.events {
            let phase = event["ph"].as_str().unwrap_or_default();
            assert!(
                ["M", "X", "i", "s", "f"].contains(&phase),
                "{}: {event}",
                self.path.display()
            );
            assert!(
                event["name"].is_string() && event["pid"].is_u64() && event["tid"].is_u64(),
                "{event}"
            );
            assert!(
                phase == "M" || event["ts"].is_u64() && event["cat"].is_string(),
                "{event}"
            );
            assert!(
                phase != "X" || event["dur"].as_u64().is_some_and(|long| long > 0),
                "{event}"
            );
            assert!(
                phase != "i" || ["t", "p", "g"].contains(&event["s"].as_str().unwrap_or_default()),
                "{event}"
            );
        }
    }

    fn names(&self, tracks: usize) {
        let named = self
            .events
            .iter()
            .filter(|event| event["name"] == "thread_name")
            .count();
        assert_eq!(named, tracks, "{}", self.path.display());
    }

    fn slices(&self) -> Vec<(u64, u64, u64)> {
        let slices = self.events.iter().filter(|event| event["ph"] == "X");
        let number = |event: &Value, field: &str| event[field].as_u64().expect("it is a number");
        slices
            .map(|event| {
                (
                    number(event, "tid"),
                    number(event, "ts"),
                    number(event, "ts") + number(event, "dur"),
                )
            })
            .collect()
    }

    /// Two slices of one thread are apart, or one is within the other.
    fn nesting(&self) {
        let slices = self.slices();
        for (place, &(thread, begin, end)) in slices.iter().enumerate() {
            for &(other, from, to) in &slices[place + 1..] {
                let apart = end <= from || to <= begin;
                let nested = (begin <= from && to <= end) || (from <= begin && end <= to);
                assert!(
                    thread != other || apart || nested,
                    "{}: {begin}–{end}, {from}–{to}",
                    self.path.display()
                );
            }
        }
    }

    /// A flow has a start and an end of one id, name and category; the end is not earlier, binds to the slice that it stands in,
    /// and both stand in one.
    fn flows(&self) {
        let slices = self.slices();
        let starts = self.events.iter().filter(|event| event["ph"] == "s");
        let ends: Vec<&Value> = self
            .events
            .iter()
            .filter(|event| event["ph"] == "f")
            .collect();
        assert_eq!(starts.clone().count(), ends.len());
        for start in starts {
            let mut same = ends.iter().filter(|end| end["id"] == start["id"]);
            let end = same
                .next()
                .unwrap_or_else(|| panic!("{}: {start} has no end", self.path.display()));
            assert!(
                same.next().is_none() && end["name"] == start["name"] && end["cat"] == start["cat"],
                "{end}"
            );
            assert!(
                end["ts"].as_u64() > start["ts"].as_u64() && end["bp"] == "e",
                "{end}"
            );
            for side in [start, *end] {
                let (thread, at) = (
                    side["tid"].as_u64().unwrap_or_default(),
                    side["ts"].as_u64().unwrap_or_default(),
                );
                let within = slices
                    .iter()
                    .any(|&(other, from, to)| other == thread && from <= at && at < to);
                assert!(within, "{}: {side} stands in no slice", self.path.display());
            }
        }
    }
}
