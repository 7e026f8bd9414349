//! Every exercise, to be searched and chosen from.

use super::keys::Key;
use super::map::{Chapter, Map, Place};

/// What was typed, and which of the exercises that match it is chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    /// The words that an exercise must match.
    pub(super) words: String,
    /// The chosen one among those that match, from 0.
    pub(super) chosen: usize,
}

/// What a key in the list leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The list stays.
    Stays,
    /// Back to where one came from.
    Leaves,
    /// To the exercise with this id.
    Opens(String),
}

impl List {
    /// The whole list, with one exercise chosen.
    pub(super) fn at(map: &Map, id: &str) -> List {
        let chosen = map.places().position(|place| place.id == id);
        List {
            words: String::new(),
            chosen: chosen.unwrap_or(0),
        }
    }

    /// The exercises that match, each with its chapter.
    pub(super) fn matching<'a>(&self, map: &'a Map) -> Vec<(&'a Chapter, &'a Place)> {
        let words: Vec<String> = self
            .words
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let all = map
            .chapters
            .iter()
            .flat_map(|chapter| chapter.places.iter().map(move |place| (chapter, place)));
        all.filter(|(chapter, place)| {
            let text = searched(chapter, place);
            words.iter().all(|word| text.contains(word))
        })
        .collect()
    }

    /// Takes a key. `page` is how many lines a screenful has.
    pub(super) fn press(&mut self, key: Key, map: &Map, page: usize) -> Outcome {
        let last = self.matching(map).len().saturating_sub(1);
        match key {
            Key::Escape if self.words.is_empty() => return Outcome::Leaves,
            Key::Escape => self.search(String::new()),
            Key::Enter => {
                if let Some((_, place)) = self.matching(map).get(self.chosen) {
                    return Outcome::Opens(place.id.clone());
                }
            }
            Key::Char(char) => self.search(format!("{}{char}", self.words)),
            Key::Backspace => {
                let mut words = self.words.clone();
                words.pop();
                self.search(words);
            }
            Key::Up => self.chosen = self.chosen.saturating_sub(1),
            Key::Down => self.chosen = (self.chosen + 1).min(last),
            Key::PageUp => self.chosen = self.chosen.saturating_sub(page),
            Key::PageDown => self.chosen = (self.chosen + page).min(last),
            Key::Home => self.chosen = 0,
            Key::End => self.chosen = last,
            _ => {}
        }
        Outcome::Stays
    }

    fn search(&mut self, words: String) {
        self.words = words;
        self.chosen = 0;
    }
}

/// Everything that is known about an exercise, for the search.
fn searched(chapter: &Chapter, place: &Place) -> String {
    let optional = if place.optional { "optional" } else { "" };
    format!(
        "{} {} {} {} {} {} {} {optional}",
        place.number,
        place.name,
        place.title,
        chapter.folder,
        chapter.title,
        place.kind.name(),
        place.state.name(),
    )
    .to_lowercase()
}
