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
//! | [`with`](mod@with), [`exit_stack`] | an exit in every case; several, in reverse order |
//! | `inner_exits` | the exits of bodies inside of a body, for which the outer exit waits |
//! | [`mod@communicate`] | the input of a program, and both of its outputs, at the same time |
//! | [`descriptor`], [`process`] | on Unix: a descriptor as a source of events; another program |
//! | [`device`], [`serial`], [`pty`] | on Unix: any device; a serial port; a pseudo-terminal in its place |
//! | [`next`](mod@next) | the next item of a stream, as a future |
//! | [`from_async`](mod@from_async) | a stream from an async block |
//! | [`map`](mod@map) | a stream whose items go through a function |
//! | [`filter`](mod@filter) | a stream without some of its items |
//! | [`take`](mod@take) | the first items of a stream |
//! | [`zip`](mod@zip) | pairs of items of two streams |
//! | [`collect`](mod@collect) | all items as one collection |
//! | [`merge`](mod@merge) | the items of two streams, by turns |
//! | [`merge_all`](mod@merge_all) | the items of many streams, as they come |
//! | [`interval`](mod@interval) | ticks of a clock, and what becomes of missed ones |
//! | [`chunks_timeout`](mod@chunks_timeout) | items in chunks, which do not wait forever |
//! | [`throttle`](mod@throttle) | at most one item in a period |
//! | [`buffered`](mod@buffered) | several futures in flight, their outputs in order |
//! | [`buffer_unordered`](mod@buffer_unordered) | several futures in flight, their outputs as they come |
//! | [`in_flight`] | an instrument: how long requests take with more and more in flight |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as streams;

pub mod buf_reader;
pub mod codec;
pub mod copy;
pub mod exit_stack;
pub mod framed;
mod inner_exits;
pub mod length_delimited;
pub mod lines;
pub mod split;
pub mod splits;
pub mod with;

pub use buf_reader::BufReader;
pub use codec::{Decoder, Decoding, Encoder};
pub use copy::{Copy, copy};
pub use exit_stack::{Close, ExitFailure, ExitStack};
pub use framed::{BoxedError, Framed, Parts};
pub use length_delimited::{FrameError, LengthDelimited};
pub use lines::{BadLine, LineCodec, LineError, Lines, lines};
pub use split::{ReadHalf, WriteHalf, split};
pub use with::with;
pub mod communicate;
#[cfg(all(unix, feature = "processes"))]
pub mod descriptor;
#[cfg(all(unix, feature = "processes"))]
pub mod device;
#[cfg(all(unix, feature = "processes"))]
pub mod process;
#[cfg(all(unix, feature = "processes"))]
pub mod pty;
#[cfg(all(unix, feature = "processes"))]
pub mod serial;

pub use communicate::communicate;
#[cfg(all(unix, feature = "processes"))]
pub use device::Device;
#[cfg(all(unix, feature = "processes"))]
pub use process::Process;
#[cfg(all(unix, feature = "processes"))]
pub use pty::Pty;
#[cfg(all(unix, feature = "processes"))]
pub use serial::Serial;
pub mod buffer_unordered;
pub mod buffered;
pub mod chunks_timeout;
pub mod collect;
pub mod filter;
pub mod from_async;
pub mod in_flight;
pub mod interval;
pub mod map;
pub mod merge;
pub mod merge_all;
pub mod next;
pub mod take;
pub mod throttle;
pub mod zip;

pub use buffer_unordered::{BufferUnordered, buffer_unordered};
pub use buffered::{Buffered, buffered};
pub use chunks_timeout::{ChunksTimeout, chunks_timeout};
pub use collect::{collect, try_collect};
pub use filter::{Filter, filter};
pub use from_async::{FromAsync, Sender, from_async};
pub use interval::{Interval, MissedTicks, interval};
pub use map::{Map, map};
pub use merge::{Merge, merge};
pub use merge_all::{MergeAll, merge_all};
pub use next::{Next, next};
pub use take::{Take, take};
pub use throttle::{Throttle, throttle};
pub use zip::{Zip, zip};
