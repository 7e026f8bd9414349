//! HTTP: hyper on the loop.

mod conformance;
#[cfg(unix)]
mod curl;
mod finishing;
mod frames;
#[cfg(unix)]
mod h2load;
mod hyper_rt;
mod idle;
mod laws;
mod nonsense;
mod preface;
mod requests;
mod slow;
mod started;
mod urls;
mod write_limit;
