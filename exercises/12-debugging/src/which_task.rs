//! A prediction. Three programs hang, or go on in an hour. All that you have of each is the dump of its
//! tasks:
//!
//! ```text
//! dump 1: 3 tasks
//! task 1 evening  spawned at program.rs:101
//! └─ evening  program.rs:20
//!    └─ JoinHandle  waits for task 2
//!       └─ task 2 “entries” write_entries  spawned at program.rs:18
//!          └─ write_entries  program.rs:26
//!             └─ Lock  waits for the ledger, held by backup
//! task 3 “backup” backup  spawned at program.rs:19
//! └─ backup  program.rs:31
//!    └─ upload  program.rs:35
//!       └─ Sleep  waits for a timer, due at 3600s
//!
//! dump 2: 4 tasks
//! task 1 serve  spawned at program.rs:102
//! └─ serve  program.rs:45
//!    └─ JoinHandle  waits for task 2
//!       └─ task 2 answer  spawned at program.rs:42
//!          └─ answer  program.rs:49
//!             └─ Receiver  src/oneshot.rs:459
//! task 3 look_up  spawned at program.rs:43
//! └─ has kept its waker nowhere: nothing will wake it
//! task 4 tick  spawned at program.rs:44
//! └─ tick  program.rs:63
//!    └─ Sleep  waits for a timer, due at 10s
//!
//! dump 3: 3 tasks
//! task 2 set_prices  spawned at program.rs:106
//! └─ set_prices  program.rs:79
//!    └─ JoinHandle  waits for task 1
//!       └─ task 1 open  spawned at program.rs:105
//!          └─ open  program.rs:71
//!             └─ JoinHandle  waits for task 3
//!                └─ task 3 fill_shelves  spawned at program.rs:70
//!                   └─ fill_shelves  program.rs:75
//!                      └─ Receiver  src/oneshot.rs:459
//! ```
//!
//! In the second program `look_up` has the sender of the channel that `answer` receives from, and in the
//! third one `set_prices` has the sender for `fill_shelves`. A sender is not a future, so no dump shows it.
//!
//! In each program the tasks wait for each other in a chain. Follow it: which task stands at its end, and
//! what does that task wait for? If the chain comes back to its beginning, it is the task that has the
//! sender.

/// For each of the three dumps, in this order: the task, as `task 1`, and what it waits for: `a timer`,
/// `a lock`, `a message`, a task, or `nothing`. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 6] {
    ["?", "?", "?", "?", "?", "?"]
}
