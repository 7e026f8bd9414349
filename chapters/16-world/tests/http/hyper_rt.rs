//! hyper's traits on the loop, apart from any server.

use std::cell::Cell;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver};
use futures::future::poll_fn;
use hyper::rt::{Executor, Read, ReadBuf, Timer, Write};
use probe::run;
use probe_io::hostile::{Script, hostile};
use world::hyper_rt::{HyperIo, LoopExecutor, LoopTimer};

const TEXT: &[u8] = b"twelve bytes";

/// Reads everything through a buffer of this length, and writes it back.
async fn echo(mut io: impl Read + Write + Unpin, length: usize) -> std::io::Result<()> {
    loop {
        let mut bytes = vec![0; length];
        let mut buffer = ReadBuf::new(&mut bytes);
        poll_fn(|context| Pin::new(&mut io).poll_read(context, buffer.unfilled())).await?;
        let mut rest = buffer.filled();
        if rest.is_empty() {
            break;
        }
        while !rest.is_empty() {
            let written = poll_fn(|context| Pin::new(&mut io).poll_write(context, rest)).await?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            rest = &rest[written..];
        }
    }
    poll_fn(|context| Pin::new(&mut io).poll_flush(context)).await?;
    poll_fn(|context| Pin::new(&mut io).poll_shutdown(context)).await
}

#[test]
fn bytes_pass_in_both_directions_however_the_stream_answers() {
    let run = run!();
    for length in [1, 5, 100] {
        for script in Script::of_all(3) {
            let (stream, witness) = hostile(&run, &script, TEXT);
            let ended = witness.drive(pin!(echo(HyperIo::new(stream), length)), || {});
            let whole = witness.input();
            witness.judge(ended, &whole, |_| None);
        }
    }
}

#[test]
fn a_read_puts_its_bytes_behind_those_that_are_there() {
    let mut bytes = [0; 20_000];
    let mut buffer = ReadBuf::new(&mut bytes);
    buffer.unfilled().put_slice(b"first ");
    let large = vec![b'x'; 30_000];
    let mut io = HyperIo::new(&large[..]);
    while buffer.filled().len() < 20_000 {
        let read = poll_fn(|context| Pin::new(&mut io).poll_read(context, buffer.unfilled()));
        wakers::block_on(read).unwrap();
    }
    assert!(buffer.filled().starts_with(b"first xxx"));
    assert_eq!(io.into_inner().len(), 30_000 - (20_000 - 6));
}

#[test]
fn hypers_clock_is_the_loops() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let timer = LoopTimer::new(handle.clone());
    let begin = timer.now();
    let hour = Duration::from_secs(3600);
    event_loop.block_on(async {
        timer.sleep(hour).await;
        assert_eq!(timer.now() - begin, hour);
        timer.sleep_until(begin + 3 * hour).await;
        assert_eq!(timer.now() - begin, 3 * hour);
        timer.sleep_until(begin).await;
        let mut sleep = timer.sleep(hour);
        timer.reset(&mut sleep, timer.now() + 2 * hour);
        sleep.await;
        assert_eq!(timer.now() - begin, 5 * hour);
    });
}

#[test]
fn a_timer_that_another_thread_uses_panics_there() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let timer = LoopTimer::new(event_loop.handle());
    let other = thread::scope(|scope| scope.spawn(|| timer.now()).join());
    assert!(other.is_err());
}

#[test]
fn a_task_of_hypers_is_polled_after_execute_has_returned() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let ran = Rc::new(Cell::new(false));
    let runs = Rc::clone(&ran);
    let executor = LoopExecutor::new(event_loop.handle());
    executor.execute(async move { runs.set(true) });
    assert!(!ran.get());
    event_loop.block_on(event_loop::yield_now());
    assert!(ran.get());
}
