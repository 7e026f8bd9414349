//! `cargo learn trace`: the picture of what the code did.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use picture::text::Letters;
use picture::{Picture, chrome, parse, player, svg};

use crate::arguments;
use crate::commands::check::{announce_builds, deadline, judged};
use crate::id;
use crate::judging::check::{self, Options, Prepared, Source};
use crate::judging::played;
use crate::judging::traces::{self, Extent, Traced};
use crate::judging::untouched;
use crate::judging::verdict::{Kind, Seen, Verdict};
use crate::judging::waiting;
use crate::learner::progress::{Progress, State};
use crate::screen;
use crate::screen::paint::{Ink, Paint, shortened, wrap};
use crate::screen::verdict::sign;
use crate::stop::Stop;
use course::course::{Course, Exercise, Kind as ExerciseKind};
use course::files;
use course::names::name_of;

/// Runs the tests of one exercise and draws what one of them recorded: 0 if that test passes, 1 if it fails.
///
/// # Errors
///
/// If the command or the course is at fault.
pub fn run(course: &Course, arguments: &arguments::Trace, stop: &Stop) -> Result<ExitCode> {
    let exercise = chosen(course, arguments.id.as_deref())?;
    let source = judged(arguments.solution, arguments.with.as_deref())?;
    for (path, begin) in [
        (&arguments.chrome, TRACE_FILE),
        (&arguments.svg, IMAGE),
        (&arguments.html, player::BEGINNING),
    ] {
        if let Some(path) = path {
            writable(path, begin)?;
        }
    }
    let paint = Paint::for_stdout();
    waiting::tell_on_standard_error();
    let options = Options {
        deadline: deadline(arguments.deadline)?,
        colour: paint.colour,
        stop: stop.clone(),
        on_crate: announce_builds(),
    };
    let asked = Asked {
        course,
        exercise,
        source,
        arguments,
        paint,
    };
    asked.answer(&options)
}

/// The exercise that is meant, or the next.
fn chosen<'a>(course: &'a Course, id: Option<&str>) -> Result<&'a Exercise> {
    if let Some(id) = id {
        return id::find(course, id);
    }
    match Progress::read(course)?.next(course) {
        Some(next) => Ok(next),
        None => bail!("Every exercise is solved or skipped: say which one to trace."),
    }
}

/// What was asked for.
struct Asked<'a> {
    course: &'a Course,
    exercise: &'a Exercise,
    source: Source,
    arguments: &'a arguments::Trace,
    paint: Paint,
}

impl Asked<'_> {
    fn answer(&self, options: &Options) -> Result<ExitCode> {
        let subject = self.source.path(self.exercise);
        let (program, _room, untouched) =
            match check::prepare(self.course, self.exercise, &self.source, options)? {
                Prepared::Said(verdict) => return Ok(self.say(&verdict)),
                Prepared::Program {
                    path,
                    room,
                    untouched,
                } => (path, room, untouched),
            };
        let extent = match self.arguments {
            arguments if arguments.list || arguments.test.is_some() => Extent::All,
            _ => Extent::ToTheFirstBroken,
        };
        let mut traced = traces::run(
            self.course,
            self.exercise,
            (&subject, &program),
            extent,
            options.deadline,
            &options.stop,
        )?;
        if untouched {
            // To find the mistake of a debugging exercise is the exercise.
            for finding in traced
                .iter_mut()
                .filter_map(|traced| traced.finding.as_mut())
            {
                finding.mistake = None;
                let judged = Verdict::new(self.exercise, finding.kind, String::new());
                finding.sentence =
                    untouched::debugging(self.course, self.exercise, judged).sentence;
            }
        }
        if self.arguments.list {
            self.list(&traced);
            let passed = traced.iter().all(|traced| traced.finding.is_none());
            return Ok(status(passed));
        }
        let shown = choose(&traced, self.arguments.test.as_deref())?;
        self.show(shown, traced.iter().all(|traced| traced.finding.is_none()));
        self.write(shown, &program, options)?;
        Ok(status(shown.finding.is_none()))
    }

    /// There is nothing to run: the stub, or a file that does not compile.
    fn say(&self, verdict: &Verdict) -> ExitCode {
        let judged = self.course.shown(&self.source.path(self.exercise));
        print!(
            "{}",
            screen::verdict::draw(self.exercise, &judged, verdict, self.paint)
        );
        ExitCode::from(1)
    }

    fn list(&self, traced: &[Traced]) {
        for (number, traced) in traced.iter().enumerate() {
            let (sign, ink) = sign(kind(traced));
            let number = number + 1;
            let run = if traced.seen.is_some() {
                ""
            } else {
                "   (no run)"
            };
            println!(
                " {} {number:>2} {}{run}",
                self.paint.ink(ink, sign),
                traced.test
            );
        }
    }

    fn show(&self, traced: &Traced, all_passed: bool) {
        let judged = self.course.shown(&self.source.path(self.exercise));
        let (exercise, paint) = (self.exercise, self.paint);
        let (sign, ink) = sign(kind(traced));
        let title = format!("{sign} {} {}", exercise.number, exercise.name());
        let title = shortened(&title, paint.width);
        println!("{}", title.replacen(sign, &paint.ink(ink, sign), 1));
        println!("{}\n", screen::verdict::file(&judged));
        println!("{}\n", wrap(&traced.test, paint.width));
        match &traced.seen {
            Some(seen) => {
                print!("{}", self.pictures(seen, all_passed));
                if let Some(holders) = screen::verdict::holders(&seen.holders, paint) {
                    println!("\n{holders}");
                }
            }
            None => println!(" This test recorded no run."),
        }
        if let Some(finding) = &traced.finding {
            println!();
            if let Some(code) = &finding.mistake {
                println!(" {}", paint.ink(Ink::Attention, name_of(code)));
            }
            println!("{}", wrap(&finding.sentence, paint.width));
        }
    }

    /// The run, and the answer's where the learner may see that and it is another.
    fn pictures(&self, seen: &Seen, all_passed: bool) -> String {
        let mine = screen::picture::of(seen);
        let drawn = screen::picture::draw(&mine, self.letters(), self.paint);
        let Some(answers) = self.answers(seen, all_passed) else {
            return drawn;
        };
        if answers == mine {
            return match self.exercise.kind {
                ExerciseKind::Break => format!("{drawn}\n The run is the same in both versions.\n"),
                _ => format!("{drawn}\n The answer's run is the same.\n"),
            };
        }
        let (yours, other_ones) = match self.exercise.kind {
            ExerciseKind::Break => (FAULTY, RIGHT),
            _ => (YOURS, ANSWERS),
        };
        let heading = |text: &str| self.paint.ink(Ink::Strong, text);
        if self.paint.width >= SIDE_BY_SIDE {
            let half = Paint {
                width: self.paint.width / 2 - 1,
                ..self.paint
            };
            let plain = Paint {
                colour: false,
                ..half
            };
            let draw =
                |picture: &Picture, paint| screen::picture::draw(picture, self.letters(), paint);
            return beside(
                (&format!(" {}\n", heading(yours)), &format!(" {yours}\n")),
                &format!(" {}\n", heading(other_ones)),
                (&draw(&mine, half), &draw(&mine, plain)),
                &draw(&answers, half),
                half.width,
            );
        }
        let other = screen::picture::draw(&answers, self.letters(), self.paint);
        format!(
            " {}\n{drawn}\n {}\n{other}",
            heading(yours),
            heading(other_ones)
        )
    }

    /// The run of the answer, as its snapshot has it, once the exercise is solved.
    fn answers(&self, seen: &Seen, all_passed: bool) -> Option<Picture> {
        let solved = Progress::read(self.course)
            .is_ok_and(|progress| progress.state(self.exercise) == State::Solved);
        let may_see = solved || (all_passed && self.source == Source::Own);
        // The right version of what is to be broken is no secret.
        if self.exercise.kind != ExerciseKind::Break && (self.source == Source::Answer || !may_see)
        {
            return None;
        }
        let lines = seen.expected_lines(self.exercise)?;
        let parsed = parse::parse(&lines.join("\n")).ok()?;
        let mut answers = Picture::of(&parsed.recording, None);
        // A snapshot that is read cannot tell every call from every saying; lines that are equal are one run.
        if parsed.recording.to_string() == seen.recording.to_string() {
            answers = screen::picture::of(seen);
        }
        Some(answers)
    }

    fn letters(&self) -> Letters {
        if self.arguments.ascii {
            Letters::Ascii
        } else {
            screen::picture::letters()
        }
    }

    fn write(&self, traced: &Traced, program: &Path, options: &Options) -> Result<()> {
        let arguments::Trace {
            chrome: chrome_file,
            svg: svg_file,
            html: html_file,
            ..
        } = self.arguments;
        let Some(seen) = &traced.seen else {
            if chrome_file.is_some() || svg_file.is_some() || html_file.is_some() {
                println!("\n So nothing was written.");
            }
            return Ok(());
        };
        let picture = screen::picture::of(seen);
        let name = format!("{}: {}", self.exercise.id, traced.test);
        if let Some(path) = chrome_file {
            files::write_whole(path, &chrome::draw(&picture, &name))?;
            println!(
                "\n {} is written: open it in Perfetto (ui.perfetto.dev).",
                path.display()
            );
        }
        if let Some(path) = svg_file {
            files::write_whole(path, &svg::draw(&picture, "run", &name, svg::Notes::Inside))?;
            println!("\n {} is written.", path.display());
        }
        if let Some(path) = html_file {
            let subject = self.source.path(self.exercise);
            let asked = played::Asked {
                course: self.course,
                exercise: self.exercise,
                subject: &subject,
                program,
                test: &traced.test,
                seen,
                finding: traced.finding.as_ref(),
            };
            let title = format!(
                "{} {}: {}",
                self.exercise.number,
                self.exercise.name(),
                traced.test
            );
            files::write_whole(path, &asked.page(&title, options)?)?;
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            println!(
                "\n {} is written: open it in your browser and step through the run. It is\n {}",
                path.display(),
                whole.display()
            );
        }
        Ok(())
    }
}

/// A terminal of this width has room for two pictures.
const SIDE_BY_SIDE: usize = 150;
const YOURS: &str = "your run";
const FAULTY: &str = "the faulty version";
const RIGHT: &str = "the right version";
const ANSWERS: &str = "the answer's run";

/// How the files begin that this command writes, and may therefore write again.
const TRACE_FILE: &str = "{\"displayTimeUnit\"";
const IMAGE: &str = "<svg class=\"run-picture\"";

/// Whether a file may be written: its folder is there, and no file of another kind is in its place.
fn writable(path: &Path, begin: &str) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        bail!(
            "{} cannot be written: there is no such folder.",
            path.display()
        );
    }
    if path.is_dir() {
        bail!("{} is a folder: say which file to write.", path.display());
    }
    let Ok(there) = std::fs::read(path) else {
        return Ok(());
    };
    if !there.is_empty() && !there.starts_with(begin.as_bytes()) {
        bail!(
            "{} is there already, and is something else: choose another name.",
            path.display()
        );
    }
    Ok(())
}

/// The test that is meant; without one, the first that fails, or the one with the most wakes.
pub(super) fn choose<'a>(traced: &'a [Traced], asked: Option<&str>) -> Result<&'a Traced> {
    let Some(asked) = asked else {
        let broken = traced.iter().find(|traced| traced.finding.is_some());
        let telling = || {
            let runs = traced.iter().filter(|traced| traced.seen.is_some());
            runs.max_by_key(|traced| traced.seen.as_ref().map(how_telling))
        };
        return Ok(broken.or_else(telling).unwrap_or(&traced[0]));
    };
    if let Some(numbered) = asked
        .parse::<usize>()
        .ok()
        .and_then(|number| traced.get(number.checked_sub(1)?))
    {
        return Ok(numbered);
    }
    let words = asked.to_lowercase().replace('_', " ");
    let found: Vec<&Traced> = traced
        .iter()
        .filter(|traced| traced.test.to_lowercase().contains(&words))
        .collect();
    match found[..] {
        [one] => Ok(one),
        [] => bail!("No test says `{asked}`: --list lists them."),
        _ => bail!(
            "{} tests say `{asked}`: say more of one, or its number; --list lists them.",
            found.len()
        ),
    }
}

/// Wakes are what a picture is for, and then calls.
fn how_telling(seen: &Seen) -> (usize, usize) {
    let picture = screen::picture::of(seen);
    (picture.wakes.len(), picture.calls.len())
}

fn kind(traced: &Traced) -> Kind {
    traced
        .finding
        .as_ref()
        .map_or(Kind::Passed, |finding| finding.kind)
}

fn status(passed: bool) -> ExitCode {
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

/// Two drawings beside each other. The left ones come with and without colours: without, they can be measured.
fn beside(
    (left_heading, plain_heading): (&str, &str),
    right_heading: &str,
    (left, plain): (&str, &str),
    right: &str,
    width: usize,
) -> String {
    let left = format!("{left_heading}{left}");
    let plain = format!("{plain_heading}{plain}");
    let right = format!("{right_heading}{right}");
    let rows = left.lines().count().max(right.lines().count());
    let line = |text: &str, row: usize| text.lines().nth(row).unwrap_or_default().to_owned();
    let row = |row: usize| {
        let padding = width.saturating_sub(line(&plain, row).chars().count());
        let whole = format!(
            "{}{}{}",
            line(&left, row),
            " ".repeat(padding),
            line(&right, row)
        );
        format!("{}\n", whole.trim_end())
    };
    (0..rows).map(row).collect()
}
