//! The exercises of chapter 12, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod break_the_once;
pub mod half_open;
pub mod leak_detector;
pub mod observer_price;
pub mod shrink;
pub mod sim_sleep;
pub mod slow_callback;
pub mod which_task;

#[cfg(test)]
#[path = "../checks"]
mod which_task_check {
    use crate::which_task as subject;
    mod which_task;
}

#[cfg(test)]
#[path = "../checks"]
mod slow_callback_check {
    use crate::slow_callback as subject;
    mod slow_callback;
}

#[cfg(test)]
#[path = "../checks"]
mod leak_detector_check {
    use crate::leak_detector as subject;
    mod leak_detector;
}

#[cfg(test)]
#[path = "../checks"]
mod sim_sleep_check {
    use crate::sim_sleep as subject;
    mod sim_sleep;
}

#[cfg(test)]
#[path = "../checks"]
mod observer_price_check {
    use crate::observer_price as subject;
    mod observer_price;
}

#[cfg(test)]
#[path = "../checks"]
mod break_the_once_check {
    use crate::break_the_once as subject;
    mod break_the_once;
}

#[cfg(test)]
#[path = "../checks"]
mod shrink_check {
    use crate::shrink as subject;
    mod shrink;
}

#[cfg(test)]
#[path = "../checks"]
mod half_open_check {
    use crate::half_open as subject;
    mod half_open;
}
