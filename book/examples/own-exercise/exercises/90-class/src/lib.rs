//! Exercises of our own, one file each.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod retry_delay;

#[cfg(test)]
#[path = "../checks"]
mod retry_delay_check {
    use crate::retry_delay as subject;
    mod retry_delay;
}
