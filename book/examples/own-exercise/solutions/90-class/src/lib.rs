//! The answers to exercises of our own.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod retry_delay;

#[cfg(test)]
#[path = "../../../exercises/90-class/checks"]
mod retry_delay_check {
    use crate::retry_delay as subject;
    mod retry_delay;
}
