//! A page of characters, each with a style.

use crate::text::Style;

#[derive(Clone, Copy)]
struct Cell {
    letter: char,
    style: Style,
    /// Something stands here that no word may cover.
    kept: bool,
}

const EMPTY: Cell = Cell {
    letter: ' ',
    style: Style::Plain,
    kept: false,
};

/// A page, and the words on it.
pub(crate) struct Grid {
    rows: Vec<Vec<Cell>>,
    /// The words, for a drawing whose other parts are not text.
    pub(crate) words: Vec<Word>,
}

/// A word on a page.
pub(crate) struct Word {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) text: String,
    pub(crate) style: Style,
    /// What it speaks of, if that has a place in the run.
    pub(crate) during: Option<During>,
}

/// When something is first known of, and when all is known of it that its picture shows: two steps.
#[derive(Clone, Copy)]
pub(crate) struct During {
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

impl Word {
    /// Says what the word speaks of.
    pub(super) fn during(&mut self, begin: usize, end: usize) {
        self.during = Some(During { begin, end });
    }
}

impl Grid {
    pub(super) fn new(rows: usize, columns: usize) -> Grid {
        Grid {
            rows: vec![vec![EMPTY; columns]; rows],
            words: Vec::new(),
        }
    }

    /// Sets one character, if it is on the page.
    pub(super) fn set(&mut self, row: usize, column: usize, letter: char, style: Style) {
        if let Some(cell) = self.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = Cell {
                letter,
                style,
                kept: cell.kept,
            };
        }
    }

    /// Sets one character that nothing covers any more.
    pub(super) fn keep(&mut self, row: usize, column: usize, letter: char, style: Style) {
        self.set(row, column, letter, style);
        if let Some(cell) = self.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
            cell.kept = true;
        }
    }

    /// Fills from one column up to another, which stays free.
    pub(super) fn fill(&mut self, row: usize, from: usize, to: usize, letter: char, style: Style) {
        for column in from..to {
            self.set(row, column, letter, style);
        }
    }

    pub(super) fn letter(&self, row: usize, column: usize) -> char {
        self.rows
            .get(row)
            .and_then(|row| row.get(column))
            .map_or(' ', |cell| cell.letter)
    }

    pub(super) fn is_kept(&self, row: usize, column: usize) -> bool {
        self.rows
            .get(row)
            .and_then(|row| row.get(column))
            .is_none_or(|cell| cell.kept)
    }

    /// How many characters from here on a word may take, up to `to`.
    pub(super) fn room(&self, row: usize, from: usize, to: usize) -> usize {
        (from..to)
            .take_while(|&column| !self.is_kept(row, column))
            .count()
    }

    /// Writes a word, which nothing covers any more.
    pub(super) fn write(&mut self, row: usize, from: usize, text: &str, style: Style) -> &mut Word {
        for (place, letter) in text.chars().enumerate() {
            self.keep(row, from + place, letter, style);
        }
        self.words.push(Word {
            row,
            column: from,
            text: text.to_owned(),
            style,
            during: None,
        });
        self.words.last_mut().expect("a word was just written")
    }

    /// The lines, without spaces at their ends.
    pub(super) fn lines(&self, ink: &impl Fn(Style, &str) -> String) -> Vec<String> {
        self.rows.iter().map(|row| line(row, ink)).collect()
    }
}

fn line(row: &[Cell], ink: &impl Fn(Style, &str) -> String) -> String {
    let used = row
        .iter()
        .rposition(|cell| cell.letter != ' ')
        .map_or(0, |last| last + 1);
    let mut line = String::new();
    for run in row[..used].chunk_by(|one, next| one.style == next.style) {
        let text: String = run.iter().map(|cell| cell.letter).collect();
        line.push_str(&ink(run[0].style, &text));
    }
    line
}
