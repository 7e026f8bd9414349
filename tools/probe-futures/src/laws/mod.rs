//! The contract of every future, independent of what the future waits for.
//!
//! Each law drives futures that the test makes for it, and panics with a diagnosis if one of them breaks the law.
//!
//! | law | names |
//! |---|---|
//! | [`waiting::ready_if_it_has_happened`] | – |
//! | [`waiting::pending_until_it_happens`] | `ready-too-early` |
//! | [`waiting::wakes_when_it_happens`] | `never-registered`, `forgot-to-wake` |
//! | [`waiting::wakes_the_latest_poller`] | `first-waker-only` |
//! | [`waiting::a_poll_proves_nothing`] | `trusted-a-wake` |
//! | [`waiting::wakes_only_for_a_reason`] | `busy-poll` |
//! | [`waiting::wakes_without_its_lock`] | `wake-under-lock` |
//! | [`waiting::keeps_no_waker_when_dropped`] | `waker-kept` |
//! | [`dropping::at_every_pause`] | what its caller names |
//! | [`driving::does_nothing_until_polled`] | `eager-start` |
//! | [`driving::Driven::poll`] | `state-left-taken`, `forgot-to-loop`, `polled-in-a-loop`, `pending-taken-for-the-end`, `pending-without-a-wake`, `busy-poll` |
//! | [`driving::Driven::poll_reaches`] | what its caller names |
//! | [`driving::Driven::panics_after_the_end`] | `resumed-after-complete` |
//! | [`driving::wakes_reach_the_caller`] | `waker-replaced`, `first-waker-only` |
//! | [`counting::balanced`] | `waker-leaked`, `waker-not-counted` |

pub mod counting;
pub mod driving;
pub mod dropping;
pub mod waiting;
