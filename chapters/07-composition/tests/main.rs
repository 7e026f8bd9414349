//! The tests of the chapter, as one program: each program costs a link.

mod addresses;
mod beside_asyncio;
mod connections;
mod joins;
mod plays;
mod programs;
mod ready_set;
mod selects;
mod task_groups;
mod timeouts;
mod waits;
