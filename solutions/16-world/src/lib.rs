//! The answers of chapter 16. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod deployment;
#[path = "../../../chapters/16-world/src/file_body.rs"]
pub mod file_body;
#[path = "../../../chapters/16-world/src/hyper_rt.rs"]
pub mod hyper_rt;
pub mod inquiries;
pub mod night_feed;
#[path = "../../../chapters/16-world/src/redis/client.rs"]
pub mod pipelining;
#[path = "../../../chapters/16-world/src/sans_io/connection.rs"]
pub mod sans_io;
pub mod which_blocks;

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod hyper_rt_check {
    use crate::hyper_rt as subject;
    mod hyper_rt;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod file_body_check {
    use crate::file_body as subject;
    mod file_body;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod deployment_check {
    use crate::deployment as subject;
    mod deployment;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod night_feed_check {
    use crate::night_feed as subject;
    mod night_feed;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod sans_io_check {
    use crate::sans_io as subject;
    mod sans_io;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod inquiries_check {
    use crate::inquiries as subject;
    mod inquiries;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod pipelining_check {
    use crate::pipelining as subject;
    mod pipelining;
}

#[cfg(test)]
#[path = "../../../exercises/16-world/checks"]
mod which_blocks_check {
    use crate::which_blocks as subject;
    mod which_blocks;
}
