//! The tests of the chapter, as one program: each program costs a link.

mod beside_asyncio;
mod channels;
mod drawing;
mod events;
mod group_commits;
mod locks;
mod plays;
mod pools;
mod programs;
mod queues;
mod semaphores;
mod shared;
mod wait_graphs;
mod wait_queues;

/// What the thread-safe parts use where this program takes in their files: the model's locks.
pub(crate) use probe_model::sync;
