//! The same four addresses, as RFC 8305 has it.

use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use composition::happy_eyeballs;
use event_loop::{EventLoop, Handle, JumpingDriver};

async fn connect(handle: Handle, to: SocketAddr) -> Result<SocketAddr, &'static str> {
    says(&handle, format!("tries {}", to.ip()));
    let _gone = AtTheEnd(handle.clone(), to);
    if to.is_ipv6() {
        return pending().await;
    }
    handle.sleep(Duration::from_millis(20)).await;
    if to.ip().to_string().ends_with(".1") {
        return Err("refused");
    }
    Ok(to)
}

// ANCHOR: main
fn main() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let attempt = |to| connect(handle.clone(), to);
        match happy_eyeballs(&handle, &addresses(), attempt).await {
            Ok((to, _)) => says(&handle, format!("is connected to {}", to.ip())),
            Err(errors) => says(&handle, format!("{} errors", errors.len())),
        }
    });
}
// ANCHOR_END: main

/// Says that an attempt is over.
struct AtTheEnd(Handle, SocketAddr);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        says(&self.0, format!("{} is over", self.1.ip()));
    }
}

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
