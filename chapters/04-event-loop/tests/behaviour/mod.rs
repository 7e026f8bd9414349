//! What the loop promises: one program, so that one is linked.

mod callbacks;
mod chosen_order;
mod closing;
mod fairness;
mod joining;
mod observing;
mod order;
mod panics;
mod running;
mod schedules;
mod spawning;
mod threads;
mod time;
