//! The picture as SVG, for a page of the book.
//!
//! The image stands in the page itself, so it follows the page's theme: light and dark come from the reader's preference, and from
//! the classes that mdBook sets. In print it is light. Nothing depends on colour alone, there is no script and no font of its own,
//! and its title and description hold the run in words.
//!
//! Words stand where they stand in the [text](crate::text) form of the same picture, so none covers another.

mod parts;

use std::fmt::Write as _;

use crate::model::Picture;
use crate::text::band::Band;
use crate::text::shape::Shape;
use crate::text::{self, Detail, Letters, Options};
use crate::words;
pub use parts::escape;
use parts::{LETTER, Paper};

/// How many letters are as wide as the column of a page of the book.
const COLUMNS: usize = 86;

/// How many letters are as wide as a page of its own.
pub const PAGE_COLUMNS: usize = 120;

/// Where the sentences of a picture stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// In the image, below the tracks: for a file of its own.
    Inside,
    /// Not in the image. The caller has them from [`words::notes`], and can fold them to any width.
    Outside,
}

/// Draws the picture. `id` must be unlike any other on the page, and made of letters, digits and dashes; `title` says in a few words
/// what the run is.
///
/// The image has no blank line in it, so it can stand in Markdown.
#[must_use]
pub fn draw(picture: &Picture, id: &str, title: &str, notes: Notes) -> String {
    draw_wide(picture, id, title, notes, COLUMNS)
}

/// As [`draw`], as wide as this number of letters.
#[must_use]
pub fn draw_wide(picture: &Picture, id: &str, title: &str, notes: Notes, columns: usize) -> String {
    let options = Options {
        width: columns,
        letters: Letters::Unicode,
        detail: Detail::Full,
    };
    let mut paper = Paper::default();
    let mut width = 40 * LETTER;
    if !picture.steps.is_empty() {
        let shape = Shape::of(picture, &options);
        for band in Band::all(picture, &shape) {
            paper.band(&band);
            width = width.max((band.right() + 1) * LETTER);
        }
    }
    let letters = width / LETTER - 2;
    let mut notes = match notes {
        Notes::Inside => text::short(words::notes(picture)),
        Notes::Outside => Vec::new(),
    };
    if picture.steps.is_empty() {
        notes.push(words::story(picture));
    }
    for line in notes.iter().flat_map(|note| text::wrapped(note, letters)) {
        paper.line_of_text(&line);
    }
    let height = paper.height + 8;
    let mut svg = format!(
        "<svg class=\"run-picture\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    );
    let _ = writeln!(svg, "<title id=\"{id}-title\">{}</title>", escape(title));
    let _ = writeln!(
        svg,
        "<desc id=\"{id}-desc\">{}</desc>",
        escape(&words::story(picture))
    );
    let _ = writeln!(svg, "<style>{STYLE}</style>");
    svg.push_str(&paper.drawn);
    svg.push_str("</svg>\n");
    svg
}

/// Each rule begins with the image's class, for in a page it applies to the whole page.
const STYLE: &str = "
.run-picture{--ink:#1d1d1d;--faint:#666;--waits:#7a4d00;--done:#17613a;--call:#26478d;--wake:#6b2a9e;--fault:#b3261e;\
font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;max-width:none;color-scheme:light dark}
@media (prefers-color-scheme:dark){.run-picture{--ink:#e4e4e4;--faint:#a0a0a0;--waits:#e0b35a;--done:#7fcf9f;--call:#9dbcff;\
--wake:#d0a6f5;--fault:#ff8f85}}
.light .run-picture,.rust .run-picture{--ink:#1d1d1d;--faint:#666;--waits:#7a4d00;--done:#17613a;--call:#26478d;--wake:#6b2a9e;\
--fault:#b3261e}
.coal .run-picture,.navy .run-picture,.ayu .run-picture{--ink:#e4e4e4;--faint:#a0a0a0;--waits:#e0b35a;--done:#7fcf9f;\
--call:#9dbcff;--wake:#d0a6f5;--fault:#ff8f85}
@media print{.run-picture,html .run-picture{--ink:#000;--faint:#555;--waits:#7a4d00;--done:#17613a;--call:#26478d;--wake:#6b2a9e;\
--fault:#b3261e}}
.run-picture text{fill:var(--c);white-space:pre;stroke:none}
.run-picture .plain{--c:var(--ink)}.run-picture text.plain{stroke:var(--bg,Canvas);stroke-width:4px;paint-order:stroke}.run-picture .faint{--c:var(--faint)}.run-picture .name{--c:var(--ink);font-weight:bold}
.run-picture .waits{--c:var(--waits)}.run-picture .done{--c:var(--done)}.run-picture .call{--c:var(--call)}
.run-picture .wake{--c:var(--wake)}.run-picture .fault{--c:var(--fault)}
.run-picture .line{stroke:var(--c);stroke-width:1.5;fill:none}
.run-picture .wait{stroke-dasharray:3 4}.run-picture .armed{stroke-dasharray:1 5}.run-picture .sleep{stroke-dasharray:6 3}
.run-picture .fill{fill:var(--c);fill-opacity:.12;stroke:none}.run-picture .solid{fill:var(--c);stroke:none}
.run-picture .column{fill:var(--fault);fill-opacity:.1;stroke:none}
";
