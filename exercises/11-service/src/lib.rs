//! The exercises of chapter 11, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod backoff;
pub mod circuit_breaker;
pub mod finish;
pub mod jitter;
pub mod lifecycle;
pub mod orphan_ping;
pub mod restart_limit;
pub mod retry;
pub mod shutdown_signal;
pub mod what_stops_first;

#[cfg(test)]
#[path = "../checks"]
mod what_stops_first_check {
    use crate::what_stops_first as subject;
    mod what_stops_first;
}

#[cfg(test)]
#[path = "../checks"]
mod shutdown_signal_check {
    use crate::shutdown_signal as subject;
    mod shutdown_signal;
}

#[cfg(test)]
#[path = "../checks"]
mod lifecycle_check {
    use crate::lifecycle as subject;
    mod lifecycle;
}

#[cfg(test)]
#[path = "../checks"]
mod finish_check {
    use crate::finish as subject;
    mod finish;
}

#[cfg(test)]
#[path = "../checks"]
mod backoff_check {
    use crate::backoff as subject;
    mod backoff;
}

#[cfg(test)]
#[path = "../checks"]
mod jitter_check {
    use crate::jitter as subject;
    mod jitter;
}

#[cfg(test)]
#[path = "../checks"]
mod orphan_ping_check {
    use crate::orphan_ping as subject;
    mod orphan_ping;
}

#[cfg(test)]
#[path = "../checks"]
mod retry_check {
    use crate::retry as subject;
    mod retry;
}

#[cfg(test)]
#[path = "../checks"]
mod circuit_breaker_check {
    use crate::circuit_breaker as subject;
    mod circuit_breaker;
}

#[cfg(test)]
#[path = "../checks"]
mod restart_limit_check {
    use crate::restart_limit as subject;
    mod restart_limit;
}
