//! The learner's file beside the reference answer.

use similar::{ChangeTag, DiffOp, TextDiff};

use crate::screen::paint::{Ink, Paint, shortened};

/// How many equal lines stand around a difference.
const AROUND: usize = 3;

/// From this width on the two files stand side by side.
const SIDE_BY_SIDE: usize = 100;

/// Between two lines that are equal, and between two that differ.
const GAP: &str = " │ ";
const DIFFERS: &str = " ≠ ";

/// The two files with their differences marked; what is the same for long is left out.
#[must_use]
pub fn draw(mine: &str, reference: &str, paint: Paint) -> String {
    let diff = TextDiff::from_lines(mine, reference);
    let groups = diff.grouped_ops(AROUND);
    if groups.is_empty() {
        return " Your file is the reference answer, letter for letter.\n".to_owned();
    }
    let files = Files {
        mine: mine.lines().collect(),
        reference: reference.lines().collect(),
        paint,
    };
    let drawn = groups.iter().map(|group| {
        if paint.width >= SIDE_BY_SIDE {
            files.side_by_side(group)
        } else {
            files.below_each_other(&diff, group)
        }
    });
    let separator = format!(" {}\n", paint.ink(Ink::Faint, "⋮"));
    format!(
        "{}\n{}",
        files.heading(),
        drawn.collect::<Vec<_>>().join(&separator)
    )
}

struct Files<'a> {
    mine: Vec<&'a str>,
    reference: Vec<&'a str>,
    paint: Paint,
}

impl Files<'_> {
    fn heading(&self) -> String {
        if self.paint.width >= SIDE_BY_SIDE {
            let column = self.column();
            let heading = format!(" {:<column$}{GAP}reference", "yours");
            self.paint.ink(Ink::Faint, &heading)
        } else {
            let signs = " - only in yours   + only in the reference";
            self.paint.ink(Ink::Faint, signs)
        }
    }

    /// How wide each of the two columns is.
    fn column(&self) -> usize {
        (self.paint.width - 2 - GAP.chars().count()) / 2
    }

    fn side_by_side(&self, group: &[DiffOp]) -> String {
        let mut out = String::new();
        for operation in group {
            let (mine, reference) = (operation.old_range(), operation.new_range());
            let differs = !matches!(operation, DiffOp::Equal { .. });
            for row in 0..mine.len().max(reference.len()) {
                let left = mine.clone().nth(row).map_or("", |line| self.mine[line]);
                let right = reference
                    .clone()
                    .nth(row)
                    .map_or("", |line| self.reference[line]);
                out.push_str(&self.row(left, right, differs));
            }
        }
        out
    }

    fn row(&self, left: &str, right: &str, differs: bool) -> String {
        let column = self.column();
        let ink = |ink: Ink, text: String| match differs {
            true => self.paint.ink(ink, &text),
            false => text,
        };
        let left = shortened(&left.replace('\t', "    "), column);
        let gap = " ".repeat(column - left.chars().count());
        let right = shortened(&right.replace('\t', "    "), column);
        let between = if differs { DIFFERS } else { GAP };
        let line = format!(
            " {}{gap}{between}{}",
            ink(Ink::Bad, left),
            ink(Ink::Good, right)
        );
        line.trim_end().to_owned() + "\n"
    }

    fn below_each_other(&self, diff: &TextDiff<'_, '_, '_, str>, group: &[DiffOp]) -> String {
        let mut out = String::new();
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let line = change.value().trim_end_matches('\n');
            let line = match change.tag() {
                ChangeTag::Equal => format!("   {line}"),
                ChangeTag::Delete => self.paint.ink(Ink::Bad, &format!(" - {line}")),
                ChangeTag::Insert => self.paint.ink(Ink::Good, &format!(" + {line}")),
            };
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: usize) -> Paint {
        Paint {
            colour: false,
            width,
        }
    }

    #[test]
    fn a_narrow_screen_shows_the_differences_below_each_other() {
        assert_eq!(
            draw("fn a() {\n    1\n}\n", "fn a() {\n    2\n}\n", plain(60)),
            " - only in yours   + only in the reference\n   fn a() {\n -     1\n +     2\n   }\n"
        );
    }

    #[test]
    fn a_wide_screen_shows_the_two_files_side_by_side() {
        let drawn = draw("a\nb\nc\n", "a\nx\ny\nc\n", plain(101));
        let cells: Vec<(&str, &str)> = drawn
            .lines()
            .map(|line| line.split_once(['│', '≠']).unwrap())
            .map(|(left, right)| (left.trim(), right.trim()))
            .collect();
        assert_eq!(
            cells,
            [
                ("yours", "reference"),
                ("a", "a"),
                ("b", "x"),
                ("", "y"),
                ("c", "c")
            ]
        );
    }

    #[test]
    fn what_is_the_same_for_long_is_left_out() {
        let same = "same\n".repeat(50);
        let drawn = draw(
            &format!("1\n{same}2\n"),
            &format!("3\n{same}4\n"),
            plain(60),
        );
        assert_eq!(drawn.matches("same").count(), 2 * AROUND);
        assert!(drawn.contains('⋮'));
    }

    #[test]
    fn equal_files_are_said_to_be_equal() {
        assert!(draw("a\n", "a\n", plain(60)).contains("letter for letter"));
    }
}
