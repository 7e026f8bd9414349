//! The exercises of chapter 15, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod accept_loop;
pub mod activity;
pub mod connection;
pub mod drain;
pub mod half_close;
pub mod pass_on;
pub mod what_comes_back;

#[cfg(test)]
#[path = "../checks"]
mod what_comes_back_check {
    use crate::what_comes_back as subject;
    mod what_comes_back;
}

#[cfg(test)]
#[path = "../checks"]
mod pass_on_check {
    use crate::pass_on as subject;
    mod pass_on;
}

#[cfg(test)]
#[path = "../checks"]
mod half_close_check {
    use crate::half_close as subject;
    mod half_close;
}

#[cfg(test)]
#[path = "../checks"]
mod activity_check {
    use crate::activity as subject;
    mod activity;
}

#[cfg(test)]
#[path = "../checks"]
mod accept_loop_check {
    use crate::accept_loop as subject;
    mod accept_loop;
}

#[cfg(test)]
#[path = "../checks"]
mod drain_check {
    use crate::drain as subject;
    mod drain;
}

#[cfg(test)]
#[path = "../checks"]
mod connection_check {
    use crate::connection as subject;
    mod connection;
}
