//! The answers to exercises of our own.

pub mod retry_delay;

#[cfg(test)]
#[path = "../../../exercises/90-class/checks"]
mod retry_delay_check {
    use crate::retry_delay as subject;
    mod retry_delay;
}
