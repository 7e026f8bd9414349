//! The answers of chapter 01. That of a *build* exercise is the chapter's own file, named by its path.

#[path = "../../../chapters/01-generators/src/countdown.rs"]
pub mod countdown;

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod countdown_check {
    use crate::countdown as subject;
    mod countdown;
}
