//! The exercises of chapter 16, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod sans_io;

#[cfg(test)]
#[path = "../checks"]
mod sans_io_check {
    use crate::sans_io as subject;
    mod sans_io;
}
