//! The exercises of chapter 10, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod both_pipes;
pub mod buffered;
pub mod codec;
pub mod exits;
pub mod in_flight;
pub mod interval;
pub mod merge;
pub mod slow_body;
pub mod tail;
pub mod what_is_polled;

#[cfg(test)]
#[path = "../checks"]
mod what_is_polled_check {
    use crate::what_is_polled as subject;
    mod what_is_polled;
}

#[cfg(test)]
#[path = "../checks"]
mod merge_check {
    use crate::merge as subject;
    mod merge;
}

#[cfg(test)]
#[path = "../checks"]
mod interval_check {
    use crate::interval as subject;
    mod interval;
}

#[cfg(test)]
#[path = "../checks"]
mod in_flight_check {
    use crate::in_flight as subject;
    mod in_flight;
}

#[cfg(test)]
#[path = "../checks"]
mod buffered_check {
    use crate::buffered as subject;
    mod buffered;
}

#[cfg(test)]
#[path = "../checks"]
mod slow_body_check {
    use crate::slow_body as subject;
    mod slow_body;
}

#[cfg(test)]
#[path = "../checks"]
mod codec_check {
    use crate::codec as subject;
    mod codec;
}

#[cfg(test)]
#[path = "../checks"]
mod exits_check {
    use crate::exits as subject;
    mod exits;
}

#[cfg(test)]
#[path = "../checks"]
mod both_pipes_check {
    use crate::both_pipes as subject;
    mod both_pipes;
}

#[cfg(test)]
#[path = "../checks"]
mod tail_check {
    use crate::tail as subject;
    mod tail;
}
