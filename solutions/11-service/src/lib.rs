//! The answers of chapter 11. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

#[path = "../../../chapters/11-service/src/backoff.rs"]
pub mod backoff;
#[path = "../../../chapters/11-service/src/circuit_breaker.rs"]
pub mod circuit_breaker;
#[path = "../../../chapters/11-service/src/drain.rs"]
pub mod finish;
pub mod jitter;
#[path = "../../../chapters/11-service/src/lifecycle.rs"]
pub mod lifecycle;
pub mod orphan_ping;
#[path = "../../../chapters/11-service/src/restart_limit.rs"]
pub mod restart_limit;
#[path = "../../../chapters/11-service/src/retry.rs"]
pub mod retry;
pub mod shutdown_signal;
pub mod what_stops_first;

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod what_stops_first_check {
    use crate::what_stops_first as subject;
    mod what_stops_first;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod shutdown_signal_check {
    use crate::shutdown_signal as subject;
    mod shutdown_signal;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod lifecycle_check {
    use crate::lifecycle as subject;
    mod lifecycle;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod finish_check {
    use crate::finish as subject;
    mod finish;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod backoff_check {
    use crate::backoff as subject;
    mod backoff;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod jitter_check {
    use crate::jitter as subject;
    mod jitter;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod orphan_ping_check {
    use crate::orphan_ping as subject;
    mod orphan_ping;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod retry_check {
    use crate::retry as subject;
    mod retry;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod circuit_breaker_check {
    use crate::circuit_breaker as subject;
    mod circuit_breaker;
}

#[cfg(test)]
#[path = "../../../exercises/11-service/checks"]
mod restart_limit_check {
    use crate::restart_limit as subject;
    mod restart_limit;
}
