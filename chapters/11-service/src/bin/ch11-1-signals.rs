//! Signals as a stream: one of each kind, a burst, a child that ends, and a signal that is removed.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    closed_output::end_quietly();
    on_unix::main()
}

#[cfg(not(unix))]
fn main() {
    println!("This program sends itself signals, which Windows does not have.");
}

#[cfg(unix)]
mod on_unix {
    use std::io;
    use std::process::Command;

    use event_loop::EventLoop;
    use futures::{FutureExt, StreamExt};
    use reactor::Reactor;
    use service::{Signal, Signals};
    use signal_hook::low_level::raise;

    // ANCHOR: main
    pub(crate) fn main() -> io::Result<()> {
        let event_loop = EventLoop::with_driver(Reactor::new()?);
        let mut signals = Signals::new(&event_loop.driver().handle())?;
        for signal in [Signal::Terminate, Signal::Hangup, Signal::Child] {
            signals.add(signal)?;
        }
        event_loop.block_on(async {
            send(Signal::Hangup, 1)?;
            send(Signal::Terminate, 1)?;
            println!("  came: {:?}", come(&mut signals).await);

            send(Signal::Terminate, 100)?;
            println!("  came: {:?}", come(&mut signals).await);

            println!("a child process ends");
            Command::new("true").spawn()?.wait()?;
            println!("  came: {:?}", come(&mut signals).await);

            send(Signal::Terminate, 1)?;
            println!("  removed: {}", signals.remove(Signal::Terminate));
            send(Signal::Hangup, 1)?;
            println!("  came: {:?}", come(&mut signals).await);
            Ok(())
        })
    }
    // ANCHOR_END: main

    /// Sends the process a signal this many times. The handler has run when `raise` returns.
    fn send(signal: Signal, times: u32) -> io::Result<()> {
        println!("sends {signal} × {times}");
        (0..times).try_for_each(|_| raise(signal.number()))
    }

    /// Waits for a signal, and takes those that have come, too.
    async fn come(signals: &mut Signals) -> Vec<Signal> {
        let mut came: Vec<Signal> = signals.next().await.into_iter().collect();
        while let Some(Some(signal)) = signals.next().now_or_never() {
            came.push(signal);
        }
        came
    }
}
