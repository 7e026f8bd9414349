//! Memory of wakers for the next tasks.

use event_loop::TaskId;

use speed::Steps;

use super::task_block::{Keeper, Queue, TaskBlock};
use crate::sync::Arc;

/// The blocks of tasks that have ended: see [`Steps::reuse`].
pub(crate) struct Spare<Q: Queue> {
    steps: Steps,
    blocks: Vec<Arc<TaskBlock<Q>>>,
}

/// How many blocks are kept for the next tasks at most: 72 KiB.
const SPARE: usize = 1024;

impl<Q: Queue> Spare<Q> {
    pub(crate) fn new(steps: Steps) -> Spare<Q> {
        Spare {
            steps,
            blocks: Vec::new(),
        }
    }

    /// The block of a new task.
    pub(crate) fn keeper(&mut self, id: TaskId, queue: &Arc<Q>) -> Keeper<Q> {
        Keeper::new(id, queue, self.steps.counts, self.blocks.pop())
    }

    // ANCHOR: reuse
    /// The task has ended: keeps its block for the next task, if no waker is left.
    pub(crate) fn reuse(&mut self, keeper: Keeper<Q>) {
        if let Some(block) = keeper.end()
            && self.steps.reuse
            && self.blocks.len() < SPARE
        {
            self.blocks.push(block);
        }
    }
    // ANCHOR_END: reuse
}
