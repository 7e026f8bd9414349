//! Two clients, and a server that has a thread for each.

use std::io;
use std::net::TcpListener;
use std::thread;

use reactor::s2_threads;
use reactor::sale::client::Client;

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || s2_threads::listen(&listener, 2));

    let mut first = Client::connect("first", address)?;
    first.hears()?;
    let mut second = Client::connect("second", address)?;
    second.hears()?;
    first.says("ada")?;
    first.hears()?;
    first.says("yes")?;
    first.hears()?;
    second.says("bob")?;
    second.hears()?;

    for outcome in server.join().expect("the server does not panic")? {
        println!("server: {:?}", outcome?);
    }
    Ok(())
}
// ANCHOR_END: main
