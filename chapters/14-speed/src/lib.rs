//! Chapter 14: a faster loop with the interface of the loop of chapter 04.
//!
//! It knows wakers and drivers. It does not know what the tasks do.
//!
//! | file | idea |
//! |---|---|
//! | [`costs`], [`profile`] | what five things cost, and where the time of a server goes |
//! | [`fast`] | [`EventLoop`]: chapter 04's interface, and parts of its own behind it |
//! | [`steps`] | [`Steps`]: each step from chapter 04's loop to this one, to be switched off alone |
//! | [`own_thread`] | a value that only one thread reaches |
//! | [`lifo_slot`] | the queue of the loop's own thread, with one place for the task that runs next |
//! | `wheel`, `timers` | timers that are set and removed in constant time, however many there are |
//! | `buffer`, `ring` | memory that is lent to the kernel; what a ring does with it |
//! | `owned_read` | reads that own their buffer until the kernel gives it back |
//! | `uring` | on Linux: a driver that sleeps in an io_uring |
//! | `lists` | linked lists of indices in one arena |
//! | [`stealing`] | an executor with several threads that take tasks from each other |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as speed;

// `.ci/fast` puts the modules that are marked as part of the loop into chapter 04's crate.
pub mod buffer;
pub mod costs;
pub mod fast; // Part of the loop.
pub mod lifo_slot; // Part of the loop.
pub mod lists;
pub mod own_thread; // Part of the loop.
pub mod owned_read;
pub mod profile;
pub mod ring;
pub mod stealing;
pub mod steps; // Part of the loop.
pub mod sync;
pub mod timers;
#[cfg(all(target_os = "linux", feature = "uring"))]
pub mod uring;
pub mod wheel;

pub use fast::EventLoop;
pub use steps::Steps;
