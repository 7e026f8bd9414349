//! The exercises of chapter 01, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod closed_early;
pub mod countdown;
pub mod decoder;
pub mod first_argument;
pub mod greedy;
pub mod in_turn;
pub mod round_robin;
pub mod running_average;
pub mod turn_order;
pub mod walk;

#[cfg(test)]
#[path = "../checks"]
mod countdown_check {
    use crate::countdown as subject;
    mod countdown;
}

#[cfg(test)]
#[path = "../checks"]
mod first_argument_check {
    use crate::first_argument as subject;
    mod first_argument;
}

#[cfg(test)]
#[path = "../checks"]
mod running_average_check {
    use crate::running_average as subject;
    mod running_average;
}

#[cfg(test)]
#[path = "../checks"]
mod in_turn_check {
    use crate::in_turn as subject;
    mod in_turn;
}

#[cfg(test)]
#[path = "../checks"]
mod walk_check {
    use crate::walk as subject;
    mod walk;
}

#[cfg(test)]
#[path = "../checks"]
mod closed_early_check {
    use crate::closed_early as subject;
    mod closed_early;
}

#[cfg(test)]
#[path = "../checks"]
mod turn_order_check {
    use crate::turn_order as subject;
    mod turn_order;
}

#[cfg(test)]
#[path = "../checks"]
mod round_robin_check {
    use crate::round_robin as subject;
    mod round_robin;
}

#[cfg(test)]
#[path = "../checks"]
mod greedy_check {
    use crate::greedy as subject;
    mod greedy;
}

#[cfg(test)]
#[path = "../checks"]
mod decoder_check {
    use crate::decoder as subject;
    mod decoder;
}
