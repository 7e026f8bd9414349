//! A service from its start to its end: a signal, an order in flight, and parts that are cleaned up in reverse.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    closed_output::end_quietly();
    on_unix::main()
}

#[cfg(not(unix))]
fn main() {
    println!("This program sends itself a signal, which Windows does not have.");
}

#[cfg(unix)]
mod on_unix {
    use std::future::{Future, ready};
    use std::io;
    use std::time::Duration;

    use event_loop::EventLoop;
    use futures::StreamExt;
    use reactor::Reactor;
    use service::{Drain, Lifecycle, Program, Signal, Signals, run};
    use signal_hook::low_level::raise;
    use wakers::oneshot::{self, Sender};

    // ANCHOR: main
    pub(crate) fn main() -> io::Result<()> {
        let event_loop = EventLoop::with_driver(Reactor::new()?);
        let mut signals = Signals::new(&event_loop.driver().handle())?;
        signals.add_ending(Signal::Terminate)?;
        let ran = run(event_loop, Duration::from_secs(20), async |program| {
            service(&program, &mut signals).await;
        });
        println!("left: {:?}, problems: {:?}", ran.left, ran.problems);
        Ok(())
    }
    // ANCHOR_END: main

    // ANCHOR: parts
    /// The parts in the order in which they start. The orders are the last part, so they end first.
    fn parts(program: &Program, drain: &Drain) -> Lifecycle<String> {
        let mut parts = Lifecycle::new(&program.spawner());
        for name in ["database", "cache"] {
            parts.context(name, async move {
                println!("{name}: open");
                Ok(async move {
                    println!("{name}: closed");
                    Ok(())
                })
            });
        }
        let (drain, timer) = (drain.clone(), program.handle());
        parts.on_cleanup("orders", async move {
            let numbers = drain.finish(&timer, Duration::from_secs(10)).await;
            println!("orders: {numbers}");
            Ok(())
        });
        parts
    }
    // ANCHOR_END: parts

    // ANCHOR: service
    async fn service(program: &Program, signals: &mut Signals) {
        let drain = Drain::new();
        let lifecycle = parts(program, &drain);
        let readiness = lifecycle.readiness();
        let running = lifecycle.start().await.expect("every part starts");
        println!("ready: {}", readiness.is_ready());

        let (payment, paid) = oneshot::channel();
        accept(program, &drain, 1, paid);
        program.spawn("customer", customer(program.clone(), drain, payment));
        raise(Signal::Terminate.number()).expect("the process may send itself a signal");
        println!("came: {:?}", signals.next().await);

        let stopping = running.stop();
        println!("ready: {}", readiness.is_ready());
        for failure in stopping.await {
            println!("not cleaned up: {failure}");
        }
    }
    // ANCHOR_END: service

    // ANCHOR: customer
    /// Waits until the service is finishing. Then orders again, and pays the first order.
    async fn customer(program: Program, drain: Drain, payment: Sender<()>) {
        drain.closing().cancelled().await;
        accept(&program, &drain, 2, ready(()));
        let _ = payment.send(());
    }

    /// Admits an order, and runs it as a task.
    fn accept(program: &Program, drain: &Drain, number: u32, paid: impl Future + 'static) {
        let order = async move {
            paid.await;
            println!("order {number}: paid, and answered");
        };
        match drain.admit(order) {
            Ok(admitted) => program.spawn("order", async move {
                if let Err(cut) = admitted.await {
                    println!("order {number}: {cut}");
                }
            }),
            Err(refused) => println!("order {number}: {refused}"),
        }
    }
    // ANCHOR_END: customer
}
