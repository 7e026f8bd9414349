//! The exercises of chapter 01, one file each. `cargo learn` tells you which comes next.

pub mod countdown;

#[cfg(test)]
#[path = "../checks"]
mod countdown_check {
    use crate::countdown as subject;
    mod countdown;
}
