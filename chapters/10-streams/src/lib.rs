//! Chapter 10: sequences that wait for their items; frames, other programs and devices.
//!
//! It knows wakers, `Spawn` and `Timer`. The reactor appears where a pipe or a device does.
//!
//! | file | idea |
//! |---|---|
//! | [`codec`] | what turns bytes into frames and frames into bytes, and never waits |
//! | [`mod@lines`], [`length_delimited`] | two codecs; the lines of a reader |
//! | [`splits`] | the law of every codec: the pieces do not matter |
//! | [`framed`] | a codec on a stream of bytes: a stream and a sink of frames |
//! | [`buf_reader`], [`mod@copy`], [`mod@split`] | a reader with a buffer; copying; the two directions of a stream |
//! | [`mod@communicate`] | the input of a program, and both of its outputs, at the same time |
//! | [`descriptor`], [`process`] | on Unix: a descriptor as a source of events; another program |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as streams;

pub mod buf_reader;
pub mod codec;
pub mod copy;
pub mod framed;
pub mod length_delimited;
pub mod lines;
pub mod split;
pub mod splits;

pub use buf_reader::BufReader;
pub use codec::{Decoder, Decoding, Encoder};
pub use copy::{Copy, copy};
pub use framed::{BoxedError, Framed, Parts};
pub use length_delimited::{FrameError, LengthDelimited};
pub use lines::{BadLine, LineCodec, LineError, Lines, lines};
pub use split::{ReadHalf, WriteHalf, split};
pub mod communicate;
#[cfg(all(unix, feature = "processes"))]
pub mod descriptor;
#[cfg(all(unix, feature = "processes"))]
pub mod process;

pub use communicate::communicate;
#[cfg(all(unix, feature = "processes"))]
pub use process::Process;
