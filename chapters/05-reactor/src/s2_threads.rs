//! The sale, with a thread for each client.

use std::io;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use crate::s1_blocking;
use crate::sale::Outcome;

/// Serves `count` clients at the same time, each on a thread of its own.
///
/// # Errors
///
/// If no client can be taken any more, or there is no thread for it. What goes wrong with one of
/// them is in its own result.
///
/// # Panics
///
/// If one of the threads does.
pub fn listen(listener: &TcpListener, count: usize) -> io::Result<Vec<io::Result<Outcome>>> {
    let clients: Vec<_> = (0..count)
        .map(|_| one(listener))
        .collect::<Result<_, _>>()?;
    let join = |client: JoinHandle<_>| client.join().expect("a client's thread panicked");
    Ok(clients.into_iter().map(join).collect())
}

fn one(listener: &TcpListener) -> io::Result<JoinHandle<io::Result<Outcome>>> {
    let (stream, _) = listener.accept()?;
    thread::Builder::new().spawn(move || s1_blocking::serve(stream))
}
