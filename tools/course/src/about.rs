//! `about/SLUG.md`: an exercise's hints, and a word after success.

use anyhow::Result;

use crate::course::Exercise;
use crate::files;

/// How many hints an exercise has.
pub const HINTS: usize = 3;

/// The texts that belong to an exercise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The hints, weakest first.
    pub hints: Vec<String>,
    /// What is said after success.
    pub solved: String,
}

impl About {
    /// Reads the texts of an exercise. What is not written is empty.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn read(exercise: &Exercise) -> Result<About> {
        let text = files::read_if_there(&exercise.about)?.unwrap_or_default();
        Ok(About::parse(&text))
    }

    fn parse(text: &str) -> About {
        let section = |wanted: &str| section(text, wanted).unwrap_or_default();
        About {
            hints: (1..=HINTS)
                .map(|number| section(&format!("Hint {number}")))
                .take_while(|hint| !hint.is_empty())
                .collect(),
            solved: section("Solved"),
        }
    }
}

/// What stands under `# HEADING`, up to the next heading of that rank outside of a code block.
fn section(text: &str, heading: &str) -> Option<String> {
    let mut found: Option<Vec<&str>> = None;
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        match line.strip_prefix("# ").filter(|_| !in_code) {
            Some(title) if title.trim() == heading => found = Some(Vec::new()),
            Some(_) if found.is_some() => break,
            _ => {
                if let Some(lines) = &mut found {
                    lines.push(line);
                }
            }
        }
    }
    found.map(|lines| lines.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_and_the_word_after_success_stand_under_their_headings() {
        let about = About::parse(
            "# Hint 1\n\na\n\n# Hint 2\n```\n# not a heading\n```\n# Hint 3\nc\n# Solved\nd\ne\n",
        );
        assert_eq!(about.hints, ["a", "```\n# not a heading\n```", "c"]);
        assert_eq!(about.solved, "d\ne");
    }
}
