//! HTTP: hyper on the loop.

#[cfg(unix)]
mod curl;
mod finishing;
mod hyper_rt;
mod idle;
mod nonsense;
mod preface;
mod requests;
mod slow;
mod started;
mod urls;
