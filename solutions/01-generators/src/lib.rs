//! The answers of chapter 01. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod closed_early;
#[path = "../../../chapters/01-generators/src/countdown.rs"]
pub mod countdown;
pub mod decoder;
pub mod first_argument;
pub mod greedy;
#[path = "../../../chapters/01-generators/src/in_turn.rs"]
pub mod in_turn;
#[path = "../../../chapters/01-generators/src/round_robin.rs"]
pub mod round_robin;
#[path = "../../../chapters/01-generators/src/running_average.rs"]
pub mod running_average;
pub mod turn_order;
#[path = "../../../chapters/01-generators/src/walk.rs"]
pub mod walk;

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod countdown_check {
    use crate::countdown as subject;
    mod countdown;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod first_argument_check {
    use crate::first_argument as subject;
    mod first_argument;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod running_average_check {
    use crate::running_average as subject;
    mod running_average;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod in_turn_check {
    use crate::in_turn as subject;
    mod in_turn;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod walk_check {
    use crate::walk as subject;
    mod walk;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod closed_early_check {
    use crate::closed_early as subject;
    mod closed_early;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod turn_order_check {
    use crate::turn_order as subject;
    mod turn_order;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod round_robin_check {
    use crate::round_robin as subject;
    mod round_robin;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod greedy_check {
    use crate::greedy as subject;
    mod greedy;
}

#[cfg(test)]
#[path = "../../../exercises/01-generators/checks"]
mod decoder_check {
    use crate::decoder as subject;
    mod decoder;
}
