//! The answers of chapter 06. That of a *build* exercise is the chapter's own file, named by its
//! path.

#[path = "../../../chapters/06-cancellation/src/states.rs"]
pub mod states;

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod states_check {
    use crate::states as subject;
    mod states;
}
