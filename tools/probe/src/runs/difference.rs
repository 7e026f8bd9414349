//! A run that tells the learner's code from the reference, and how it is said.

use crate::recorder::Recorder;
use crate::run::Run;
use crate::runs::step::{Fact, Operation, Step};

/// The first difference between two machines: the same operations, and the last two steps are unlike.
#[derive(Debug, Clone)]
pub struct Difference<O> {
    /// What was done. Where [`at_the_end`](Difference::at_the_end), everything was dropped after it.
    pub operations: Vec<O>,
    /// What was seen of the learner's code, up to the difference.
    pub yours: Vec<Step>,
    /// What was seen of the reference.
    pub expected: Vec<Step>,
    pub(super) found: Found,
    /// What is so before anything was done: facts that say the same are no news.
    pub(super) before: Option<Step>,
}

/// How a difference came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// All shorter sequences were tried before.
    Shortest,
    /// In a random sequence, from which steps were left out as long as it differed.
    Shortened,
}

/// A known mistake, and how it shows in a [`Difference`].
pub struct Known<O> {
    /// The mistake's code.
    pub mistake: &'static str,
    /// What was seen and what does it. The verdict adds the run in words.
    pub sentence: &'static str,
    /// Whether this difference is of that kind. Where two known mistakes say yes, none is named.
    pub shows: fn(&Difference<O>) -> bool,
}

/// What is unlike in two steps.
enum Unlike<'a> {
    Outcome,
    Fact(&'a str),
}

impl<O: Operation> Difference<O> {
    /// The operation in which it shows; `None` if it shows when everything is dropped.
    #[must_use]
    pub fn operation(&self) -> Option<&O> {
        self.operations.get(self.yours.len() - 1)
    }

    /// Whether it shows only when everything is dropped.
    #[must_use]
    pub fn at_the_end(&self) -> bool {
        self.operation().is_none()
    }

    /// The learner's last step.
    #[must_use]
    pub fn your_step(&self) -> &Step {
        self.yours.last().expect("they differ in a step")
    }

    /// The expected one.
    #[must_use]
    pub fn expected_step(&self) -> &Step {
        self.expected.last().expect("they differ in a step")
    }

    /// Ends the run with the verdict: under the code of the only known mistake that shows so, or without one.
    ///
    /// # Panics
    ///
    /// Always.
    #[track_caller]
    pub fn report(&self, run: &Run, tried: usize, known: &[Known<O>]) -> ! {
        let recorder = run.recorder();
        recorder.clear();
        let marked = self.write(recorder, &self.yours, &self.expected);
        let expected = Recorder::default();
        let marked_there = self.write(&expected, &self.expected, &self.yours);
        let mut showing = known.iter().filter(|known| (known.shows)(self));
        let (mistake, named) = match (showing.next(), showing.next()) {
            (Some(only), None) => (Some(only.mistake), format!("{} ", only.sentence)),
            _ => (None, String::new()),
        };
        let sentence = format!("{named}{} {}", self.in_words(), self.found(tried));
        run.differs(
            mistake,
            sentence,
            marked,
            expected.recording(),
            marked_there,
        )
    }

    /// Writes one of the two runs. The event in which it is unlike the other.
    fn write(&self, recorder: &Recorder, steps: &[Step], others: &[Step]) -> Option<usize> {
        let mut marked = None;
        for (place, (step, other)) in steps.iter().zip(others).enumerate() {
            let unlike = unlike(step, other);
            match self.operations.get(place) {
                Some(operation) => {
                    let call = recorder.enters(&operation.actor(), operation.call());
                    if *step == Step::panicked() {
                        drop(call);
                    } else {
                        call.returns(step.outcome());
                    }
                }
                None => recorder.says("end", step.outcome()),
            }
            if let Some(Unlike::Outcome) = unlike {
                marked = recorder.last_event();
            }
            let before = match place.checked_sub(1) {
                Some(before) => Some(&steps[before]),
                None => self.before.as_ref(),
            };
            for fact in step.facts() {
                let differs = matches!(unlike, Some(Unlike::Fact(lane)) if lane == fact.lane);
                if differs || is_news(fact, before) {
                    recorder.says(&fact.lane, &*fact.text);
                }
                if differs {
                    marked = recorder.last_event();
                }
            }
        }
        marked
    }

    fn found(&self, tried: usize) -> String {
        let tried = thousands(tried);
        let steps = match self.operations.len() {
            1 => "1 step".to_owned(),
            steps => format!("{steps} steps"),
        };
        match self.found {
            Found::Shortest => format!(
                "Found by trying {tried} short runs: this one has {steps}, and no shorter one shows it."
            ),
            Found::Shortened => {
                format!("Found by trying {tried} runs: a long one, cut down to {steps}.")
            }
        }
    }

    fn in_words(&self) -> String {
        let (yours, expected) = (self.your_step(), self.expected_step());
        let done = self.yours.len().min(self.operations.len());
        let clauses: Vec<_> = self.operations[..done]
            .iter()
            .map(Operation::happened)
            .collect();
        let mut story = story(&clauses);
        if self.at_the_end() {
            story.push_str(" Then everything was dropped.");
        }
        match unlike(yours, expected) {
            Some(Unlike::Fact(lane)) => format!(
                "{story} The last step makes the difference. What is seen of {lane} after it: “{}”. Expected: “{}”.",
                yours.about(lane).unwrap_or("nothing"),
                expected.about(lane).unwrap_or("nothing"),
            ),
            _ => format!(
                "{story} The last step makes the difference: its outcome is `{}`. Expected: `{}`.",
                yours.outcome(),
                expected.outcome(),
            ),
        }
    }
}

fn unlike<'a>(step: &'a Step, other: &Step) -> Option<Unlike<'a>> {
    if step.outcome() != other.outcome() {
        return Some(Unlike::Outcome);
    }
    let differs = |fact: &&Fact| other.about(&fact.lane) != Some(&*fact.text);
    step.facts()
        .iter()
        .find(differs)
        .map(|fact| Unlike::Fact(&fact.lane))
}

fn is_news(fact: &Fact, before: Option<&Step>) -> bool {
    !fact.quiet && before.is_none_or(|before| before.about(&fact.lane) != Some(&*fact.text))
}

fn story(clauses: &[std::borrow::Cow<'static, str>]) -> String {
    let mut story = String::new();
    for (place, clause) in clauses.iter().enumerate() {
        let link = if place == 0 { "First " } else { ", then " };
        story.push_str(link);
        story.push_str(clause);
    }
    if clauses.len() == 1 {
        story = story.replacen("First ", "There was one step: ", 1);
    }
    if !story.is_empty() {
        story.push('.');
    }
    story
}

/// 9330 as `9,330`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
