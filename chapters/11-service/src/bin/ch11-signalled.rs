//! A process for the tests of signals: it does what its argument says, and prints what it sees.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    closed_output::end_quietly();
    on_unix::main()
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod on_unix {
    use std::io;
    use std::thread;

    use event_loop::EventLoop;
    use futures::StreamExt;
    use reactor::Reactor;
    use service::{Signal, Signals, is_ignored};

    pub(crate) fn main() -> io::Result<()> {
        let mode = std::env::args().nth(1).unwrap_or_default();
        if mode == "several" {
            return several();
        }
        let event_loop = EventLoop::with_driver(Reactor::new()?);
        let mut signals = Signals::new(&event_loop.driver().handle())?;
        if mode == "ignored" {
            for signal in Signal::ALL {
                println!("{signal}: ignored: {}", is_ignored(signal));
            }
        }
        for signal in Signal::ALL {
            signals.add(signal)?;
        }
        match &*mode {
            "removed" => drop(signals.remove(Signal::Terminate)),
            "dropped" => signals = Signals::new(&event_loop.driver().handle())?,
            "ending" => {
                signals.add_ending(Signal::Terminate)?;
                signals.add_ending(Signal::Interrupt)?;
            }
            "threads" => {
                for _ in 0..4 {
                    thread::spawn(|| {
                        loop {
                            std::hint::spin_loop();
                        }
                    });
                }
            }
            _ => {}
        }
        println!("ready");
        event_loop.block_on(async {
            while let Some(signal) = signals.next().await {
                println!("{signal}");
                if signal == Signal::Terminate && mode != "ending" {
                    return;
                }
                if signal == Signal::Terminate {
                    loop {
                        thread::park(); // The loop's thread is stuck.
                    }
                }
            }
        });
        Ok(())
    }
    /// Other threads begin and stop to watch all the time. What this thread watches comes here all the same.
    fn several() -> io::Result<()> {
        for _ in 0..2 {
            thread::spawn(|| -> io::Result<()> {
                let reactor = Reactor::new()?;
                loop {
                    Signals::new(&reactor.handle())?.add(Signal::User1)?;
                }
            });
        }
        let event_loop = EventLoop::with_driver(Reactor::new()?);
        println!("ready");
        for _ in 0..1_000 {
            let mut signals = Signals::new(&event_loop.driver().handle())?;
            signals.add(Signal::User1)?;
            signal_hook::low_level::raise(Signal::User1.number())?;
            let came = event_loop.block_on(signals.next());
            assert_eq!(came, Some(Signal::User1));
        }
        println!("all came");
        Ok(())
    }
}
