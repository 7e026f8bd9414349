//! The picture of a run, made from the probe's recording.
//!
//! It knows recordings and their text form. It does not know the command line or the book.
//!
//! A [`Picture`] says what a reader would otherwise have to work out from the lines of a recording: from when to when a task was
//! polled, waited or slept, who called which wake, and which poll came of it. It is drawn in three ways, and all three say the same:
//!
//! | module | makes | for |
//! |---|---|---|
//! | [`text`] | lines of characters, folded to a width | the terminal |
//! | [`svg`] | an image with a text alternative, light and dark | the book |
//! | [`chrome`] | JSON in the Trace Event Format | Perfetto, `chrome://tracing` |
//!
//! ```text
//!  Recording ──reader──▶ Picture ──▶ text · svg · chrome
//!      ▲                    └──words──▶ what the picture shows, in sentences
//!      └──parse── the text form, as snapshots hold it
//! ```
//!
//! The axis has one step for each line of the recording's text form, so a number in the picture is the number of that line.

pub mod chrome;
mod kept;
pub mod model;
pub mod narration;
pub mod parse;
pub mod play;
pub mod player;
mod reader;
pub mod svg;
pub mod text;
pub mod words;

pub use model::Picture;
pub use play::Play;
