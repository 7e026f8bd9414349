//! The protocol core, alone and under its four drivers.

mod alone;
mod conversations;
mod drivers;
mod hostile;
mod limits;
