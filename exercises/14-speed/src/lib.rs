//! The exercises of chapter 14, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod idle_workers;

#[cfg(test)]
#[path = "../checks"]
mod idle_workers_check {
    use crate::idle_workers as subject;
    mod idle_workers;
}
