//! The exercises of chapter 02, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod dropped_loser;
pub mod join;
pub mod join_all;
pub mod lowered;
pub mod lowered_loop;
pub mod machine_size;
pub mod netstring;
pub mod pinned_wrapper;
pub mod race;
pub mod what_has_run;
pub mod where_await;

#[cfg(test)]
#[path = "../checks"]
mod what_has_run_check {
    use crate::what_has_run as subject;
    mod what_has_run;
}

#[cfg(test)]
#[path = "../checks"]
mod lowered_check {
    use crate::lowered as subject;
    mod lowered;
}

#[cfg(test)]
#[path = "../checks"]
mod lowered_loop_check {
    use crate::lowered_loop as subject;
    mod lowered_loop;
}

#[cfg(test)]
#[path = "../checks"]
mod netstring_check {
    use crate::netstring as subject;
    mod netstring;
}

#[cfg(test)]
#[path = "../checks"]
mod machine_size_check {
    use crate::machine_size as subject;
    mod machine_size;
}

#[cfg(test)]
#[path = "../checks"]
mod pinned_wrapper_check {
    use crate::pinned_wrapper as subject;
    mod pinned_wrapper;
}

#[cfg(test)]
#[path = "../checks"]
mod join_check {
    use crate::join as subject;
    mod join;
}

#[cfg(test)]
#[path = "../checks"]
mod race_check {
    use crate::race as subject;
    mod race;
}

#[cfg(test)]
#[path = "../checks"]
mod dropped_loser_check {
    use crate::dropped_loser as subject;
    mod dropped_loser;
}

#[cfg(test)]
#[path = "../checks"]
mod join_all_check {
    use crate::join_all as subject;
    mod join_all;
}

#[cfg(test)]
#[path = "../checks"]
mod where_await_check {
    use crate::where_await as subject;
    mod where_await;
}
