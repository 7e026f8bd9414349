//! The exercises of chapter 16, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod deployment;
pub mod file_body;
pub mod hyper_rt;
pub mod inquiries;
pub mod night_feed;
pub mod pipelining;
pub mod sans_io;
pub mod which_blocks;

#[cfg(test)]
#[path = "../checks"]
mod hyper_rt_check {
    use crate::hyper_rt as subject;
    mod hyper_rt;
}

#[cfg(test)]
#[path = "../checks"]
mod file_body_check {
    use crate::file_body as subject;
    mod file_body;
}

#[cfg(test)]
#[path = "../checks"]
mod deployment_check {
    use crate::deployment as subject;
    mod deployment;
}

#[cfg(test)]
#[path = "../checks"]
mod night_feed_check {
    use crate::night_feed as subject;
    mod night_feed;
}

#[cfg(test)]
#[path = "../checks"]
mod sans_io_check {
    use crate::sans_io as subject;
    mod sans_io;
}

#[cfg(test)]
#[path = "../checks"]
mod inquiries_check {
    use crate::inquiries as subject;
    mod inquiries;
}

#[cfg(test)]
#[path = "../checks"]
mod pipelining_check {
    use crate::pipelining as subject;
    mod pipelining;
}

#[cfg(test)]
#[path = "../checks"]
mod which_blocks_check {
    use crate::which_blocks as subject;
    mod which_blocks;
}
