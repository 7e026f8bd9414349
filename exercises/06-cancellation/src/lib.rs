//! The exercises of chapter 06, one file each. `cargo learn` tells you which comes next.

pub mod states;

#[cfg(test)]
#[path = "../checks"]
mod states_check {
    use crate::states as subject;
    mod states;
}
