//! The instruments and the laws, tried on right implementations and on wrong ones.

mod counting;
mod driving;
mod dropping;
mod instruments;
mod waiting;
