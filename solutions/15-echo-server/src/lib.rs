//! The answers of chapter 15. That of a *build* exercise is mostly the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod accept_loop;
#[path = "../../../chapters/15-echo-server/src/activity.rs"]
pub mod activity;
#[path = "../../../chapters/15-echo-server/src/connection.rs"]
pub mod connection;
#[path = "../../../chapters/15-echo-server/src/drain.rs"]
pub mod drain;
pub mod half_close;
#[path = "../../../chapters/15-echo-server/src/pass_on.rs"]
pub mod pass_on;
pub mod what_comes_back;

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod what_comes_back_check {
    use crate::what_comes_back as subject;
    mod what_comes_back;
}

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod pass_on_check {
    use crate::pass_on as subject;
    mod pass_on;
}

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod half_close_check {
    use crate::half_close as subject;
    mod half_close;
}

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod activity_check {
    use crate::activity as subject;
    mod activity;
}

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod accept_loop_check {
    use crate::accept_loop as subject;
    mod accept_loop;
}

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod drain_check {
    use crate::drain as subject;
    mod drain;
}

#[cfg(test)]
#[path = "../../../exercises/15-echo-server/checks"]
mod connection_check {
    use crate::connection as subject;
    mod connection;
}
