//! Two runs beside each other: yours and the expected one.

use std::fmt::Write as _;

use crate::screen::paint::{Ink, Paint};

const YOURS: &str = "your run";
const RIGHT: &str = "expected run";
const MARK: &str = "◂── here";
const GAP: &str = "    ";
const MARGIN: &str = "   ";

/// How many lines are kept before and after a line that matters.
const AROUND: usize = 6;

/// Two runs, to be shown.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// What the learner's column is called, if not `your run`.
    pub heading: Option<&'static str>,
    /// What the other column is called, if not `expected run`.
    pub heading_right: Option<&'static str>,
    /// The lines of the learner's run.
    pub yours: Vec<String>,
    /// The line of it that is marked, from 0.
    pub marked: Option<usize>,
    /// The lines of the expected run, if there is one to show.
    pub right: Option<Vec<String>>,
}

/// A line of the picture.
#[derive(Debug, PartialEq, Eq)]
enum Row {
    Line(usize),
    Folded(usize),
}

impl Runs {
    /// The picture: side by side where the terminal is wide enough, else one under the other. Long runs are folded to the
    /// neighbourhood of what matters.
    #[must_use]
    pub fn draw(&self, paint: Paint) -> String {
        let rows = self.rows();
        let left = self.left_width();
        match &self.right {
            Some(right) if self.fits(left, right, paint.width) => {
                self.side_by_side(&rows, left, right, paint)
            }
            Some(right) => {
                let mut picture = self.one(&rows, paint);
                picture.push('\n');
                let alone = Runs {
                    yours: right.clone(),
                    ..Runs::default()
                };
                picture.push_str(&alone.list(self.heading_right(), &rows, paint));
                picture
            }
            None => self.one(&rows, paint),
        }
    }

    /// The first line in which the two differ, from 0.
    #[must_use]
    pub fn first_difference(&self) -> Option<usize> {
        let right = self.right.as_ref()?;
        (0..self.yours.len().max(right.len())).find(|&line| self.yours.get(line) != right.get(line))
    }

    fn heading(&self) -> &'static str {
        self.heading.unwrap_or(YOURS)
    }

    fn heading_right(&self) -> &'static str {
        self.heading_right.unwrap_or(RIGHT)
    }

    fn fits(&self, left: usize, right: &[String], width: usize) -> bool {
        MARGIN.len() + left + GAP.len() + widest(right).max(count(self.heading_right())) < width
    }

    /// The width of the left column, with room for the mark.
    fn left_width(&self) -> usize {
        let marked = self.marked.and_then(|line| self.yours.get(line));
        let with_mark = marked.map_or(0, |line| count(line) + 3 + count(MARK));
        widest(&self.yours)
            .max(count(self.heading()))
            .max(with_mark)
    }

    /// Which lines are shown: all of a short run, the neighbourhood of what matters of a long one.
    fn rows(&self) -> Vec<Row> {
        let right = self.right.as_ref().map_or(0, Vec::len);
        let length = self.yours.len().max(right);
        let last = self.yours.len().saturating_sub(1);
        let focus = [self.marked, self.first_difference()];
        let matters: Vec<usize> = match focus.iter().flatten().copied().collect::<Vec<_>>() {
            none if none.is_empty() => vec![last],
            some => some,
        };
        let near = |line: usize| matters.iter().any(|&focus| line.abs_diff(focus) <= AROUND);
        fold(length, |line| {
            length <= 2 * AROUND + 4 || line == 0 || near(line)
        })
    }

    fn side_by_side(&self, rows: &[Row], left: usize, right: &[String], paint: Paint) -> String {
        let heading = format!("{:<left$}{GAP}{}", self.heading(), self.heading_right());
        let mut picture = format!("{MARGIN}{}\n", paint.ink(Ink::Faint, &heading));
        for row in rows {
            match row {
                Row::Folded(lines) => fold_line(&mut picture, *lines, paint),
                Row::Line(line) => {
                    let (mine, length) = self.mine(*line, paint);
                    let theirs = right.get(*line).map_or("", String::as_str);
                    let padding = " ".repeat(left.saturating_sub(length));
                    push_line(
                        &mut picture,
                        &format!("{MARGIN}{mine}{padding}{GAP}{theirs}"),
                    );
                }
            }
        }
        picture
    }

    fn one(&self, rows: &[Row], paint: Paint) -> String {
        self.list(self.heading(), rows, paint)
    }

    fn list(&self, heading: &str, rows: &[Row], paint: Paint) -> String {
        let mut picture = format!("{MARGIN}{}\n", paint.ink(Ink::Faint, heading));
        for row in rows {
            match row {
                Row::Folded(lines) => fold_line(&mut picture, *lines, paint),
                Row::Line(line) if *line < self.yours.len() => {
                    let (mine, _) = self.mine(*line, paint);
                    push_line(&mut picture, &format!("{MARGIN}{mine}"));
                }
                Row::Line(_) => {}
            }
        }
        picture
    }

    /// A line of the learner's run with its mark, and how wide it is.
    fn mine(&self, line: usize, paint: Paint) -> (String, usize) {
        let text = self.yours.get(line).map_or("", String::as_str);
        let is_marked = self.marked == Some(line);
        let differs =
            self.right.is_some() && self.marked.is_none() && self.first_difference() == Some(line);
        if is_marked {
            let mark = paint.ink(Ink::Bad, MARK);
            (format!("{text}   {mark}"), count(text) + 3 + count(MARK))
        } else if differs {
            (paint.ink(Ink::Bad, text), count(text))
        } else {
            (text.to_owned(), count(text))
        }
    }
}

/// The rows for lines of which `kept` says whether they are shown. A fold of one line is no gain.
fn fold(length: usize, kept: impl Fn(usize) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut line = 0;
    while line < length {
        let hidden = (line..length).take_while(|&line| !kept(line)).count();
        match hidden {
            0 | 1 => {
                rows.push(Row::Line(line));
                line += 1;
            }
            _ => {
                rows.push(Row::Folded(hidden));
                line += hidden;
            }
        }
    }
    rows
}

fn fold_line(picture: &mut String, lines: usize, paint: Paint) {
    let text = format!("⋮   {lines} lines");
    push_line(
        picture,
        &format!("{MARGIN}{}", paint.ink(Ink::Faint, &text)),
    );
}

fn push_line(picture: &mut String, line: &str) {
    let _ = writeln!(picture, "{}", line.trim_end());
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| count(line)).max().unwrap_or(0)
}

fn count(text: &str) -> usize {
    text.chars().count()
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

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn numbered(count: usize) -> Vec<String> {
        (1..=count).map(|number| number.to_string()).collect()
    }

    #[test]
    fn two_runs_stand_side_by_side_with_the_mark_in_the_left_one() {
        let runs = Runs {
            heading: None,
            heading_right: None,
            yours: lines(&["1  a", "2  b"]),
            marked: Some(1),
            right: Some(lines(&["1  a", "2  c", "3  d"])),
        };
        assert_eq!(
            runs.draw(plain(80)),
            "   your run           expected run\n   \
                1  a               1  a\n   \
                2  b   ◂── here    2  c\n                      \
                                   3  d\n"
        );
    }

    #[test]
    fn in_a_narrow_terminal_they_stand_one_under_the_other() {
        let runs = Runs {
            heading: None,
            heading_right: None,
            yours: lines(&["1  a"]),
            marked: None,
            right: Some(lines(&["1  b", "2  c"])),
        };
        assert_eq!(
            runs.draw(plain(24)),
            "   your run\n   1  a\n\n   expected run\n   1  b\n   2  c\n"
        );
    }

    #[test]
    fn a_long_run_is_folded_to_where_it_departs() {
        let mut yours = numbered(100);
        yours[49] = "departs".to_owned();
        let runs = Runs {
            heading: None,
            heading_right: None,
            yours,
            marked: None,
            right: Some(numbered(100)),
        };
        let picture = runs.draw(plain(80));
        assert!(
            picture.contains("departs")
                && picture.contains("⋮   42 lines")
                && picture.contains("⋮   44 lines"),
            "{picture}"
        );
        assert!(!picture.contains("\n   30"), "{picture}");
    }

    #[test]
    fn a_short_run_is_not_folded() {
        let runs = Runs {
            heading: None,
            heading_right: None,
            yours: numbered(16),
            marked: Some(15),
            right: None,
        };
        assert!(!runs.draw(plain(80)).contains('⋮'));
    }

    #[test]
    fn a_single_line_is_never_folded() {
        assert_eq!(
            fold(3, |line| line != 1),
            [Row::Line(0), Row::Line(1), Row::Line(2)]
        );
        assert_eq!(
            fold(4, |line| line == 0 || line == 3),
            [Row::Line(0), Row::Folded(2), Row::Line(3)]
        );
    }
}
