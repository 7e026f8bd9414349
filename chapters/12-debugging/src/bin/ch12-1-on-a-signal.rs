//! A server that waits for a client which never comes. On SIGUSR1 it prints what its tasks wait for:
//!
//! ```text
//! kill -USR1 PID
//! ```
//!
//! With the argument `busy` one of its tasks keeps the thread.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use std::time::Duration;

    use debugging::{DebugMode, dump_on_signal, run_in_debug_mode};
    use futures::AsyncReadExt;
    use reactor::{Reactor, TcpListener, TcpStream};
    use signal_hook::consts::SIGUSR1;

    closed_output::end_quietly();
    let is_busy = std::env::args().any(|argument| argument == "busy");
    let driver = Reactor::new()?;
    let reactor = driver.handle();
    // ANCHOR: signal
    let debug = DebugMode::new();
    let _dumps = dump_on_signal(&debug, SIGUSR1)?;
    run_in_debug_mode(&debug, driver, |handle| async move {
        // ANCHOR_END: signal
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().expect("an address"))?;
        let client = TcpStream::connect(&reactor, listener.local_addr()?).await?;
        let (mut server, _) = listener.accept().await?;
        let reads = handle.spawn(async move { server.read(&mut [0; 16]).await });
        let timer = handle.clone();
        let ticks = handle.spawn(async move {
            timer.sleep(Duration::from_secs(3_600)).await;
        });
        if is_busy {
            drop(handle.spawn(async {
                loop {
                    std::hint::spin_loop();
                }
            }));
        }
        println!("ready: {}", std::process::id());
        let _ = reads.await;
        let _ = ticks.await;
        drop(client);
        Ok(())
    })
}

#[cfg(not(unix))]
fn main() {
    println!("there is no SIGUSR1 here");
}
