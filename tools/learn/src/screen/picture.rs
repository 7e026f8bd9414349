//! Pictures of runs, in this program's colours.

use picture::Picture;
use picture::text::{self, Detail, Letters, Options, Style};

use crate::judging::verdict::Seen;
use crate::screen::paint::{Ink, Paint};

/// The picture of a run.
#[must_use]
pub fn of(seen: &Seen) -> Picture {
    Picture::of(&seen.recording, seen.marked)
}

/// The whole picture, with what its signs mean, and with sentences below it.
#[must_use]
pub fn draw(picture: &Picture, letters: Letters, paint: Paint) -> String {
    let options = Options {
        letters,
        ..Options::wide(paint.width)
    };
    text::paint(picture, &options, |style, text| ink(style, text, paint))
}

/// The picture alone, where it says more than the lines of the run do: where a task is woken, or several futures are polled.
#[must_use]
pub fn beside_the_lines(seen: &Seen, paint: Paint) -> Option<String> {
    let picture = of(seen);
    if !picture.has_wakes_or_polls_of_several() {
        return None;
    }
    let options = Options {
        letters: letters(),
        detail: Detail::Brief,
        ..Options::wide(paint.width)
    };
    let drawn = text::paint(&picture, &options, |style, text| ink(style, text, paint));
    Some(drawn.trim_end().to_owned())
}

/// ASCII alone where the user's language settings name some other encoding than UTF-8.
#[must_use]
pub fn letters() -> Letters {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    letters_of(set.as_deref())
}

/// A setting without an encoding says nothing: many a terminal that speaks UTF-8 runs with `C` or none at all.
fn letters_of(locale: Option<&str>) -> Letters {
    let encoding = locale.and_then(|locale| Some(locale.split_once('.')?.1.to_lowercase()));
    match encoding {
        Some(encoding) if !encoding.starts_with("utf") => Letters::Ascii,
        _ => Letters::Unicode,
    }
}

fn ink(style: Style, text: &str, paint: Paint) -> String {
    match style {
        Style::Plain | Style::Name | Style::Call => text.to_owned(),
        Style::Faint => paint.ink(Ink::Faint, text),
        Style::Waits => paint.ink(Ink::Attention, text),
        Style::Done => paint.ink(Ink::Good, text),
        Style::Wake => paint.ink(Ink::Strong, text),
        Style::Fault => paint.ink(Ink::Bad, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_names_another_encoding_gets_ascii() {
        assert_eq!(letters_of(Some("de_DE.ISO-8859-1")), Letters::Ascii);
        assert_eq!(letters_of(Some("en_US.UTF-8")), Letters::Unicode);
        assert_eq!(letters_of(Some("C")), Letters::Unicode);
        assert_eq!(letters_of(None), Letters::Unicode);
    }
}
