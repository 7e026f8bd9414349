//! A host has four addresses. They are tried one after the other, each for at most 30 seconds.

use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use composition::timeout;
use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: connect
/// The first two addresses swallow every packet, the third refuses, the fourth accepts.
async fn connect(handle: Handle, to: SocketAddr) -> Result<SocketAddr, &'static str> {
    says(&handle, format!("tries {}", to.ip()));
    if to.is_ipv6() {
        return pending().await;
    }
    handle.sleep(Duration::from_millis(20)).await;
    if to.ip().to_string().ends_with(".1") {
        return Err("refused");
    }
    Ok(to)
}
// ANCHOR_END: connect

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        for to in addresses() {
            let patience = Duration::from_secs(30);
            match timeout(&handle, patience, connect(handle.clone(), to)).await {
                Ok(Ok(to)) => {
                    says(&handle, format!("is connected to {}", to.ip()));
                    break;
                }
                Ok(Err(error)) => says(&handle, error),
                Err(elapsed) => says(&handle, elapsed),
            }
        }
    });
}
// ANCHOR_END: main

fn addresses() -> [SocketAddr; 4] {
    [
        "[2001:db8::1]:443",
        "[2001:db8::2]:443",
        "192.0.2.1:443",
        "192.0.2.2:443",
    ]
    .map(|address| address.parse().expect("these are addresses"))
}

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{:>5} ms  {what}", handle.now().since_start().as_millis());
}
