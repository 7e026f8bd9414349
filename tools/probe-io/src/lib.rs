//! The probe's instruments for input and output. No socket of the system's is opened: bytes come when the script says so, in the
//! pieces that it says.
//!
//! It knows the traits of `futures` for streams. It does not know the reactor.
//!
//! | module | holds |
//! |---|---|
//! | [`stream`](mod@stream) | a stream for `async` code, and the peer at its other end, who speaks in virtual time |
//! | [`kernel`] | a socket that does not block, as the kernel keeps it, and what the kernel tells of it |
//! | [`hostile`](mod@hostile) | a stream whose every operation can be short, pending, zero or an error, for all short scripts |
//! | [`marked`] | errors that can be told from others of the same kind |
//! | [`heap`] | how much memory is in use |

pub mod heap;
pub mod hostile;
pub mod kernel;
pub mod marked;
pub mod stream;

pub use hostile::hostile;
pub use kernel::{Kernel, Told, Trigger};
pub use stream::{Peer, Stream, stream};
