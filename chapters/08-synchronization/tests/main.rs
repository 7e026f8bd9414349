//! The tests of the chapter, as one program: each program costs a link.

mod channels;
mod events;
mod wait_queues;
