//! The answers of chapter 10. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

#[path = "../../../chapters/10-streams/src/communicate.rs"]
pub mod both_pipes;
#[path = "../../../chapters/10-streams/src/buffered.rs"]
pub mod buffered;
pub mod codec;
#[path = "../../../chapters/10-streams/src/exit_stack.rs"]
pub mod exits;
pub mod in_flight;
#[path = "../../../chapters/10-streams/src/interval.rs"]
pub mod interval;
#[path = "../../../chapters/10-streams/src/merge.rs"]
pub mod merge;
pub mod slow_body;
pub mod tail;
pub mod what_is_polled;

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod what_is_polled_check {
    use crate::what_is_polled as subject;
    mod what_is_polled;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod merge_check {
    use crate::merge as subject;
    mod merge;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod interval_check {
    use crate::interval as subject;
    mod interval;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod in_flight_check {
    use crate::in_flight as subject;
    mod in_flight;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod buffered_check {
    use crate::buffered as subject;
    mod buffered;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod slow_body_check {
    use crate::slow_body as subject;
    mod slow_body;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod codec_check {
    use crate::codec as subject;
    mod codec;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod exits_check {
    use crate::exits as subject;
    mod exits;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod both_pipes_check {
    use crate::both_pipes as subject;
    mod both_pipes;
}

#[cfg(test)]
#[path = "../../../exercises/10-streams/checks"]
mod tail_check {
    use crate::tail as subject;
    mod tail;
}
