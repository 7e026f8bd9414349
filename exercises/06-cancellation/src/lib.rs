//! The exercises of chapter 06, one file each. `cargo learn` tells you which comes next.

pub mod callbacks;
pub mod shield;
pub mod states;
pub mod unretrieved;

#[cfg(test)]
#[path = "../checks"]
mod states_check {
    use crate::states as subject;
    mod states;
}

#[cfg(test)]
#[path = "../checks"]
mod callbacks_check {
    use crate::callbacks as subject;
    mod callbacks;
}

#[cfg(test)]
#[path = "../checks"]
mod unretrieved_check {
    use crate::unretrieved as subject;
    mod unretrieved;
}

#[cfg(test)]
#[path = "../checks"]
mod shield_check {
    use crate::shield as subject;
    mod shield;
}
