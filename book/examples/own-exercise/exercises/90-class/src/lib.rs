//! Exercises of our own, one file each.

pub mod retry_delay;

#[cfg(test)]
#[path = "../checks"]
mod retry_delay_check {
    use crate::retry_delay as subject;
    mod retry_delay;
}
