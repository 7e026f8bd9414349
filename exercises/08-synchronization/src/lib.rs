//! The exercises of chapter 08, one file each. `cargo learn` tells you which comes next.

/// Whose locks and threads the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(test)]
pub use probe_model::sync;
#[cfg(not(test))]
pub use synchronization::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod break_the_barrier;
pub mod channel;
pub mod condition;
pub mod flush_task;
pub mod group_commit;
pub mod hand_off;
pub mod pool;
pub mod semaphore;
pub mod shared_notify;
pub mod wait_queue;
pub mod who_goes_next;

#[cfg(test)]
#[path = "../checks"]
mod who_goes_next_check {
    use crate::who_goes_next as subject;
    mod who_goes_next;
}

#[cfg(test)]
#[path = "../checks"]
mod wait_queue_check {
    use crate::wait_queue as subject;
    mod wait_queue;
}

#[cfg(test)]
#[path = "../checks"]
mod flush_task_check {
    use crate::flush_task as subject;
    mod flush_task;
}

#[cfg(test)]
#[path = "../checks"]
mod semaphore_check {
    use crate::semaphore as subject;
    mod semaphore;
}

#[cfg(test)]
#[path = "../checks"]
mod condition_check {
    use crate::condition as subject;
    mod condition;
}

#[cfg(test)]
#[path = "../checks"]
mod hand_off_check {
    use crate::hand_off as subject;
    mod hand_off;
}

#[cfg(test)]
#[path = "../checks"]
mod channel_check {
    use crate::channel as subject;
    mod channel;
}

#[cfg(test)]
#[path = "../checks"]
mod pool_check {
    use crate::pool as subject;
    mod pool;
}

#[cfg(test)]
#[path = "../checks"]
mod group_commit_check {
    use crate::group_commit as subject;
    mod group_commit;
}

#[cfg(test)]
#[path = "../checks"]
mod shared_notify_check {
    use crate::shared_notify as subject;
    mod shared_notify;
}

#[cfg(test)]
#[path = "../checks"]
mod break_the_barrier_check {
    use crate::break_the_barrier as subject;
    mod break_the_barrier;
}
