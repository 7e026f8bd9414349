//! *Break it* exercises: the learner writes a schedule, and exactly the faulty version must fail in it.

use crate::sample::{DOUBLE, Sample};

const ANSWER: &str = r#"//! Break the counter.

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The counter is counted up.
    Up,
    /// It is counted down. Impossible at 0.
    Down,
}

/// The schedule.
pub fn schedule() -> Vec<Step> {
    // YOURS
    vec![Step::Up, Step::Up]
    // STUB: vec![]
    // YOURS_END
}
"#;

const CHECK: &str = r#"
use std::borrow::Cow;

use super::subject::{Step, schedule};
use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::{run, runs};

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        "counter".into()
    }

    fn call(&self) -> Cow<'static, str> {
        format!("{self:?}").to_lowercase().into()
    }
}

/// One that stops at a number, and the number that it should have.
struct Counter {
    number: u32,
    stops_at: u32,
    right: u32,
}

impl Version for Counter {
    type Step = Step;

    fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
        match step {
            Step::Up => {
                self.right += 1;
                self.number = (self.number + 1).min(self.stops_at);
            }
            Step::Down if self.right == 0 => return Err("the counter is at 0".to_owned()),
            Step::Down => {
                self.right -= 1;
                self.number -= 1;
            }
        }
        Ok(runs::Step::of(self.number.to_string()))
    }

    fn fault(&self) -> Option<Fault> {
        (self.number != self.right).then(|| Fault::of("counter", "has lost a count"))
    }
}

#[test]
fn exactly_the_faulty_counter_fails() {
    let how = Breaking {
        rule: "every count is counted",
        alphabet: &[Step::Up, Step::Down],
    };
    let counter = |stops_at| move || Counter { number: 0, stops_at, right: 0 };
    how.judge(&run!(), schedule, counter(1), counter(9));
}
"#;

/// A fresh course whose first exercise is of this kind.
fn breaking() -> Sample {
    let sample = Sample::new();
    for (path, text) in [
        (
            "exercises/01-first/chapter.toml",
            sample
                .read("exercises/01-first/chapter.toml")
                .replace("\"build\"", "\"break\""),
        ),
        ("solutions/01-first/src/double.rs", ANSWER.to_owned()),
        ("exercises/01-first/checks/double.rs", CHECK.to_owned()),
    ] {
        sample.write(path, &text);
    }
    sample.generate();
    sample
}

/// A learner's file with these steps.
fn with_steps(steps: &str) -> String {
    ANSWER.replace("vec![Step::Up, Step::Up]", &format!("vec![{steps}]"))
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_solved_one_shows_both_runs_and_the_length_of_the_shortest_schedule() {
    let sample = breaking();
    let said = sample.learn(&["check", "first/double"]);
    assert!(
        said.stdout.contains("which only the faulty version fails"),
        "{}",
        said.stdout
    );
    sample.write(
        DOUBLE,
        &with_steps("Step::Up, Step::Down, Step::Up, Step::Up"),
    );
    let said = sample.learn(&["check", "first/double"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    for shown in [
        "the faulty version",
        "the right version",
        "counter  has lost a count   ◂── here",
        "Exactly the faulty version fails",
    ] {
        assert!(said.stdout.contains(shown), "{shown}: {}", said.stdout);
    }
    let json = sample.learn(&["check", "first/double", "--json"]).json();
    assert_eq!(json[0]["verdict"], "passed");
    let message = json[0]["message"].as_str().unwrap_or_default();
    assert!(
        message.ends_with("Your schedule has 4 steps; the shortest has 2."),
        "{message}"
    );
    assert!(json[0]["departs"].is_null(), "{json}");
    let list = sample.learn(&["list", "--json"]).json();
    assert_eq!(
        (&list[0]["kind"], &list[1]["kind"]),
        (&"break".into(), &"predict".into())
    );
    let traced = sample.learn(&["trace", "first/double"]);
    assert_eq!(traced.status, Some(0), "{}{}", traced.stdout, traced.stderr);
    for shown in ["the faulty version", "the right version", "up → 2"] {
        assert!(traced.stdout.contains(shown), "{shown}: {}", traced.stdout);
    }
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_schedule_that_breaks_neither_or_is_impossible_is_refused_under_its_name() {
    let sample = breaking();
    for (steps, mistake) in [
        ("Step::Up, Step::Down", "schedule-breaks-neither"),
        ("Step::Down", "schedule-not-legal"),
    ] {
        let verdict = sample.verdict_with("first/double", &with_steps(steps));
        assert_eq!(
            verdict.mistake.as_deref(),
            Some(mistake),
            "{}",
            verdict.message
        );
    }
    let verdict = sample.verdict_with("first/double", &format!("{} ", with_steps("")));
    assert_eq!(verdict.verdict, "unfinished");
}
