//! A measurement. A join waits for a number of children. Each of them is pending at its first poll.
//! This program counts how often the join polls its children, all together:
//!
//! ```text
//! cargo run -q --bin ch07-measure-polls -- 10 100 1000
//! ```
//!
//! In the first two columns all children have the waker of the task, as in the `join_all` of chapter
//! 02. In the third column each child has a waker of its own.
//!
//! *One by one* means that one child is ready, the task polls the join, the next child is ready, and so
//! on; the last child of the list is the first. *At once* means that all children are ready before the
//! task polls the join for the second time.
//!
//! Measure small numbers as well, such as 1, 2, 3 and 4. Find the rule behind each column, and write it
//! as a function that is exact for every number of children from 0 to 1,000,000,000. Then choose the
//! reason.

/// What makes the first column grow faster than the others. One of the four reasons is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Each child wakes the task more often, the more children there are.
    ChildrenWakeMoreOften,
    /// Each wake of the task polls all children that are not ready, of which one has something to say.
    OneWakePollsAll,
    /// The join goes on polling the children that are ready.
    ReadyChildrenArePolled,
    /// The last child of the list is ready first; in the order of the list there would be fewer polls.
    TheOrderIsUnlucky,
}

/// First column: one waker for all children, which are ready one by one.
pub fn one_by_one(children: u64) -> u64 {
    // YOURS
    children * (children + 3) / 2
    // STUB: todo!("measure it, and find the rule")
    // YOURS_END
}

/// Second column: one waker for all children, which are ready at once.
pub fn at_once(children: u64) -> u64 {
    // YOURS
    2 * children
    // STUB: todo!("measure it, and find the rule")
    // YOURS_END
}

/// Third column: a waker for each child; they are ready one by one.
pub fn a_waker_each(children: u64) -> u64 {
    // YOURS
    2 * children
    // STUB: todo!("measure it, and find the rule")
    // YOURS_END
}

/// The reason.
pub fn because() -> Because {
    // YOURS
    Because::OneWakePollsAll
    // STUB: todo!("choose one of the four")
    // YOURS_END
}
