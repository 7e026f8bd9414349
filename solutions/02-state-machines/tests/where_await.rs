//! The right prediction of exercise 2.11 is what rustc says of the lines in the exercise's own text.

#[path = "../../../chapters/02-state-machines/tests/where_await/rustc.rs"]
mod rustc;

const EXERCISE: &str = include_str!("../src/where_await.rs");

/// What each line may use.
const GIVEN: &str = "
    pub async fn one() -> u8 { 1 }
    pub async fn add(n: u8) -> u8 { n + 1 }
    pub struct Guard;
";

#[test]
fn rustc_compiles_those_of_the_eight_lines_that_the_answer_says() {
    let snippets: Vec<&str> = EXERCISE.lines().filter_map(snippet).collect();
    let answer = state_machines_solutions::where_await::prediction();
    assert_eq!(snippets.len(), answer.len());
    for (index, (snippet, answer)) in snippets.into_iter().zip(answer).enumerate() {
        let error = rustc::first_error(
            &format!("snippet_{}", index + 1),
            &format!("{GIVEN}\n{snippet}"),
        );
        let said = match error {
            None => "compiles",
            Some(error) if error.starts_with("error[E0728]") => "does not compile",
            Some(error) => panic!("{snippet} fails for another reason than its `await`: {error}"),
        };
        assert_eq!(said, answer, "{snippet}");
    }
}

/// `fn load() …` of the line `//! 1   fn load() …`.
fn snippet(line: &str) -> Option<&str> {
    let (number, text) = line.strip_prefix("//! ")?.split_once("   ")?;
    number.parse::<u32>().ok()?;
    Some(text)
}
