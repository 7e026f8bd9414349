//! The answers of chapter 06. That of a *build* exercise is the chapter's own file, named by its
//! path.

#[path = "../../../chapters/06-cancellation/src/callbacks.rs"]
pub mod callbacks;
#[path = "../../../chapters/06-cancellation/src/shield.rs"]
pub mod shield;
#[path = "../../../chapters/06-cancellation/src/states.rs"]
pub mod states;
#[path = "../../../chapters/06-cancellation/src/unretrieved.rs"]
pub mod unretrieved;

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod states_check {
    use crate::states as subject;
    mod states;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod callbacks_check {
    use crate::callbacks as subject;
    mod callbacks;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod unretrieved_check {
    use crate::unretrieved as subject;
    mod unretrieved;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod shield_check {
    use crate::shield as subject;
    mod shield;
}
