//! The answers of chapter 05. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

#[path = "../../../chapters/05-reactor/src/readiness.rs"]
pub mod drain;
#[path = "../../../chapters/05-reactor/src/with_async.rs"]
pub mod exchange;
pub mod half_made;
pub mod idle_spin;
pub mod lines;
pub mod quiet_end;
#[path = "../../../chapters/05-reactor/src/tokens.rs"]
pub mod tokens;
#[path = "../../../chapters/05-reactor/src/source.rs"]
pub mod two_directions;
pub mod wake_ups;
#[path = "../../../chapters/05-reactor/src/write_buffer.rs"]
pub mod water_marks;
#[path = "../../../chapters/05-reactor/src/write_all.rs"]
pub mod write_all;

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod wake_ups_check {
    use crate::wake_ups as subject;
    mod wake_ups;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod idle_spin_check {
    use crate::idle_spin as subject;
    mod idle_spin;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod two_directions_check {
    use crate::two_directions as subject;
    mod two_directions;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod tokens_check {
    use crate::tokens as subject;
    mod tokens;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod drain_check {
    use crate::drain as subject;
    mod drain;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod quiet_end_check {
    use crate::quiet_end as subject;
    mod quiet_end;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod write_all_check {
    use crate::write_all as subject;
    mod write_all;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod water_marks_check {
    use crate::water_marks as subject;
    mod water_marks;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod exchange_check {
    use crate::exchange as subject;
    mod exchange;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod lines_check {
    use crate::lines as subject;
    mod lines;
}

#[cfg(test)]
#[path = "../../../exercises/05-reactor/checks"]
mod half_made_check {
    use crate::half_made as subject;
    mod half_made;
}
