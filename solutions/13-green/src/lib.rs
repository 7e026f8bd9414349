//! The answers of chapter 13. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

#[path = "../../../chapters/13-green/src/pool.rs"]
pub mod green_pool;
#[path = "../../../chapters/13-green/src/hub.rs"]
pub mod hub;
pub mod prices;
pub mod push_parser;
pub mod request_log;
pub mod stack_used;
#[path = "../../../chapters/13-green/src/trampoline.rs"]
pub mod trampoline;
pub mod who_waits;

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod trampoline_check {
    use crate::trampoline as subject;
    mod trampoline;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod push_parser_check {
    use crate::push_parser as subject;
    mod push_parser;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod stack_used_check {
    use crate::stack_used as subject;
    mod stack_used;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod who_waits_check {
    use crate::who_waits as subject;
    mod who_waits;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod hub_check {
    use crate::hub as subject;
    mod hub;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod green_pool_check {
    use crate::green_pool as subject;
    mod green_pool;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod prices_check {
    use crate::prices as subject;
    mod prices;
}

#[cfg(test)]
#[path = "../../../exercises/13-green/checks"]
mod request_log_check {
    use crate::request_log as subject;
    mod request_log;
}
