//! The exercises of chapter 05, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod drain;
pub mod exchange;
pub mod half_made;
pub mod idle_spin;
pub mod lines;
pub mod quiet_end;
pub mod tokens;
pub mod two_directions;
pub mod wake_ups;
pub mod water_marks;
pub mod write_all;

#[cfg(test)]
#[path = "../checks"]
mod wake_ups_check {
    use crate::wake_ups as subject;
    mod wake_ups;
}

#[cfg(test)]
#[path = "../checks"]
mod idle_spin_check {
    use crate::idle_spin as subject;
    mod idle_spin;
}

#[cfg(test)]
#[path = "../checks"]
mod two_directions_check {
    use crate::two_directions as subject;
    mod two_directions;
}

#[cfg(test)]
#[path = "../checks"]
mod tokens_check {
    use crate::tokens as subject;
    mod tokens;
}

#[cfg(test)]
#[path = "../checks"]
mod drain_check {
    use crate::drain as subject;
    mod drain;
}

#[cfg(test)]
#[path = "../checks"]
mod quiet_end_check {
    use crate::quiet_end as subject;
    mod quiet_end;
}

#[cfg(test)]
#[path = "../checks"]
mod write_all_check {
    use crate::write_all as subject;
    mod write_all;
}

#[cfg(test)]
#[path = "../checks"]
mod water_marks_check {
    use crate::water_marks as subject;
    mod water_marks;
}

#[cfg(test)]
#[path = "../checks"]
mod exchange_check {
    use crate::exchange as subject;
    mod exchange;
}

#[cfg(test)]
#[path = "../checks"]
mod lines_check {
    use crate::lines as subject;
    mod lines;
}

#[cfg(test)]
#[path = "../checks"]
mod half_made_check {
    use crate::half_made as subject;
    mod half_made;
}
