//! The same four addresses, as RFC 8305 has it.

use std::future::pending;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use composition::happy_eyeballs;
use event_loop::{EventLoop, Handle, JumpingDriver};

/// As before. Each attempt that is under way owns a clone of `attempts`.
async fn connect(
    handle: Handle,
    to: SocketAddr,
    attempts: Rc<()>,
) -> Result<SocketAddr, &'static str> {
    says(&handle, format!("tries {}", to.ip()));
    let _under_way = attempts;
    if to.is_ipv6() {
        return pending().await;
    }
    handle.sleep(Duration::from_millis(20)).await;
    if to.ip().to_string().ends_with(".1") {
        says(&handle, "refused");
        return Err("refused");
    }
    Ok(to)
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let attempts = Rc::new(());
        let attempt = |to| connect(handle.clone(), to, Rc::clone(&attempts));
        match happy_eyeballs(&handle, &addresses(), attempt).await {
            Ok((to, _)) => says(&handle, format!("is connected to {}", to.ip())),
            Err(errors) => says(&handle, format!("{} errors", errors.len())),
        }
        let left = Rc::strong_count(&attempts) - 1;
        says(&handle, format!("{left} attempts are under way"));
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
