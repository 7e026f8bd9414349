//! Runs that the reader steps through: `{{#play NAME}}`, with `predict=…` where the reader is asked first what comes next.
//!
//! | after the name | means |
//! |---|---|
//! | `predict=all` | every step is asked for |
//! | `predict=3,7` | these steps are |
//! | `predict=turn-order` | those are that answer this exercise, which is about the same run |
//! | `also="a 1 \| b 1"` | there are cards for these as well, which never happen |

use std::fs;

use picture::parse;
use picture::play::{Play, Source, SourceLine, Step};
use picture::player::{self, Ask, Prediction};

use course::course::{Course, Exercise, Kind};
use course::directives;
use course::files;

/// What a directive asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    /// The name of the run.
    pub(crate) name: &'a str,
    predict: Option<&'a str>,
    also: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Reads what stands behind `{{#play`.
    pub(crate) fn read(argument: &'a str) -> Result<Wanted<'a>, String> {
        let (name, mut rest) = word(argument);
        let mut wanted = Wanted {
            name,
            ..Wanted::default()
        };
        while !rest.is_empty() {
            if let Some(value) = rest.strip_prefix("predict=") {
                let (what, after) = word(value);
                wanted.predict = Some(what);
                rest = after;
            } else if let Some((cards, after)) = quoted(rest) {
                wanted.also = cards.split('|').map(str::trim).collect();
                rest = after.trim_start();
            } else {
                return Err(format!(
                    "a play takes predict=… and also=\"…\", and not {rest}"
                ));
            }
        }
        Ok(wanted)
    }

    /// The run in a JSON text, as a chapter's test keeps it, with the lines of the file that it names.
    pub(crate) fn kept(&self, json: &str, course: &Course) -> Result<Play, String> {
        let text = |path: &str| {
            files::read_text(&course.root.join(path)).map(|text| files::normalise(&text))
        };
        let kept = player::read(json);
        kept.and_then(|play| play.with_source(|path| text(path).map_err(|error| error.to_string())))
            .map_err(|what| format!("{}: {what}", self.name))
    }

    /// The run in its text form, as a check's snapshot has it. It knows no source.
    pub(crate) fn compared(&self, run: &str) -> Result<Play, String> {
        let parsed = parse::parse(run).map_err(|what| format!("{}: {what}", self.name))?;
        let title = format!("A run: {}", self.name.replace("__", " ").replace('_', " "));
        Ok(Play::of(&title, &parsed.recording, parsed.marked, None))
    }

    /// The player of a run.
    pub(crate) fn draw(&self, mut play: Play, course: &Course) -> Result<String, String> {
        let prediction = match self.predict {
            None => None,
            Some("all") => Some(self.asking(&play, &Vec::from_iter(1..=play.steps.len()))),
            Some(steps) if steps.starts_with(|first: char| first.is_ascii_digit()) => {
                Some(self.asking(&play, &numbers(steps, play.steps.len())?))
            }
            Some(id) => {
                let found = directives::exercise(course, id)?;
                let answer = Answer::read(course, found)?;
                play.source = play.source.or(Some(answer.program));
                Some(self.answering(&play, found, answer.lines)?)
            }
        };
        let id = format!("play-{}", self.name.replace('_', "-"));
        let image = player::image(&play, &format!("{id}-picture"));
        let image = image.map_err(|what| format!("{}: {what}", self.name))?;
        Ok(player::element(&play, &image, &id, prediction.as_ref()))
    }

    /// Asks for some of the steps.
    fn asking(&self, play: &Play, steps: &[usize]) -> Prediction {
        let ask = |&step: &usize| Ask {
            step,
            after: step - 1,
            card: step - 1,
        };
        self.prediction(
            steps.iter().map(ask).collect(),
            play.steps.iter().map(words).collect(),
            "That is right to the end.".to_owned(),
        )
    }

    /// Asks for the lines of an exercise's answer. Steps that are none of them are seen with the next one that is.
    fn answering(
        &self,
        play: &Play,
        found: &Exercise,
        lines: Vec<String>,
    ) -> Result<Prediction, String> {
        let mut asks: Vec<Ask> = Vec::new();
        for (card, line) in lines.iter().enumerate() {
            let after = asks.last().map_or(0, |ask| ask.step);
            let mut later = play.steps[after..].iter();
            let step = later.find(|step| says(&words(step), line));
            let step = step.ok_or_else(|| {
                format!("after step {after} of {}, nothing is `{line}`", self.name)
            })?;
            asks.push(Ask {
                step: step.number,
                after,
                card,
            });
        }
        let end = format!(
            "That is the whole order. The same lines, in the same order, go into {}; save it, and cargo learn check {} judges it.",
            found.file(),
            found.name()
        );
        Ok(self.prediction(asks, lines, end))
    }

    fn prediction(&self, asks: Vec<Ask>, cards: Vec<String>, end: String) -> Prediction {
        Prediction {
            asks,
            cards,
            also: self.also.iter().map(|&card| card.to_owned()).collect(),
            end,
        }
    }
}

/// The answer to an exercise that asks for a prediction.
struct Answer {
    lines: Vec<String>,
    /// What the exercise says of the program.
    program: Source,
}

impl Answer {
    fn read(course: &Course, found: &Exercise) -> Result<Answer, String> {
        let text = fs::read_to_string(&found.answer)
            .map_err(|_| format!("no such file: {}", course.shown(&found.answer)))?;
        let yours = text.split_once("// YOURS\n").map_or("", |(_, rest)| rest);
        let yours = yours.split("// STUB:").next().unwrap_or_default();
        // Every other piece between quotes is inside of them.
        let lines = yours.split('"').skip(1).step_by(2).map(str::to_owned);
        let lines: Vec<String> = lines.collect();
        if found.kind != Kind::Predict || lines.is_empty() {
            return Err(format!(
                "{} asks for no order of lines, so none can be predicted",
                found.name()
            ));
        }
        let program = Source {
            path: found.file(),
            part: String::new(),
            hash: String::new(),
            lines: description(&text),
        };
        Ok(Answer { lines, program })
    }
}

/// What a file says of itself, without the marks of comments and of blocks.
fn description(text: &str) -> Vec<SourceLine> {
    let lines = (1..).zip(text.lines());
    let lines = lines.map_while(|(number, line)| Some((number, line.strip_prefix("//!")?)));
    let lines = lines.filter(|(_, line)| !line.trim().starts_with("```"));
    lines
        .map(|(number, line)| SourceLine {
            number,
            text: without_targets(line.strip_prefix(' ').unwrap_or(line)),
        })
        .collect()
}

/// A line of documentation, in which links are their words alone.
fn without_targets(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        let (text, link) = before.rsplit_once('[').unwrap_or((before, ""));
        plain.extend([text, link]);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// A step, as it stands on a card.
fn words(step: &Step) -> String {
    format!("{} {}", step.track, step.text)
}

/// Whether a step says what a line says: all of its words, in their order.
fn says(step: &str, line: &str) -> bool {
    let mut words = step.split_whitespace();
    line.split_whitespace()
        .all(|word| words.any(|it| it == word))
}

/// Numbers of steps, in order.
fn numbers(text: &str, last: usize) -> Result<Vec<usize>, String> {
    let mut numbers: Vec<usize> = Vec::new();
    for word in text.split(',') {
        let known = |number: &usize| {
            (1..=last).contains(number) && numbers.last().is_none_or(|before| before < number)
        };
        let number = word.parse().ok().filter(known);
        numbers.push(number.ok_or_else(|| {
            format!("predict={text}: give steps from 1 to {last}, in their order")
        })?);
    }
    Ok(numbers)
}

/// The first word of a text, and the rest.
fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// What stands between the quotes of `also="…"`, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("also=\"")?.split_once('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_play_has_a_name_and_may_be_predicted() {
        let wanted = Wanted::read("taking_turns predict=turn-order also=\"a 1 | b 1\"").unwrap();
        assert_eq!(wanted.name, "taking_turns");
        assert_eq!(wanted.predict, Some("turn-order"));
        assert_eq!(wanted.also, ["a 1", "b 1"]);
        assert_eq!(
            Wanted::read("x predicts=all"),
            Err("a play takes predict=… and also=\"…\", and not predicts=all".to_owned())
        );
    }

    #[test]
    fn steps_that_are_asked_for_are_numbers_in_their_order() {
        assert_eq!(numbers("2,3", 3), Ok(vec![2, 3]));
        for wrong in ["3,2", "4", "2,,3", "0"] {
            assert!(numbers(wrong, 3).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_step_says_a_line_if_it_has_its_words_in_their_order() {
        assert!(says("a resume() → yields 1", "a yields"));
        assert!(!says("b resume() → yields 1", "a yields"));
        assert!(!says("a yields", "yields a"));
    }

    #[test]
    fn the_description_of_a_program_is_what_its_file_says_of_itself() {
        let lines = description(
            "//! A [`list`](a::list) of.\n//!\n//! ```text\n//! two\n//! ```\n\npub fn x() {}\n",
        );
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["A `list` of.", "", "two"]);
        assert_eq!(lines[2].number, 4);
    }
}
