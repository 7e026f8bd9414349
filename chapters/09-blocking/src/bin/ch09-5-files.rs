//! The kernel's list of sources refuses a file; a thread of a pool reads it.

use std::fs;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use blocking::{File, Limits, ThreadPool};
use event_loop::EventLoop;
use futures::io::AsyncReadExt;

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let path = std::env::temp_dir().join(format!("ch09-{}", std::process::id()));
    fs::write(&path, "read by a thread of the pool")?;
    #[cfg(unix)]
    println!("registered with the kernel's list: {}", registered(&path));

    // ANCHOR: reads
    let limits = Limits {
        threads: 1,
        idle: Duration::from_secs(1),
    };
    let pool = Rc::new(ThreadPool::new("files", limits));
    let event_loop = EventLoop::new();
    let text = event_loop.block_on(async {
        let mut text = String::new();
        let mut file = File::open(&pool, &path).await?;
        file.read_to_string(&mut text).await?;
        io::Result::Ok(text)
    })?;
    println!("read: {text}");
    // ANCHOR_END: reads

    fs::remove_file(&path)?;
    let gone = event_loop.block_on(File::open(&pool, "no/such/file"));
    println!("opened: {}", gone.expect_err("it is not there"));
    Ok(())
}

// ANCHOR: registered
/// What the kernel says to a file in its list.
#[cfg(unix)]
fn registered(path: &std::path::Path) -> String {
    use mio::unix::SourceFd;
    use mio::{Interest, Poll, Token};
    use std::os::fd::AsRawFd;

    let attempt = || {
        let (poll, file) = (Poll::new()?, fs::File::open(path)?);
        let mut source = SourceFd(&file.as_raw_fd());
        poll.registry()
            .register(&mut source, Token(0), Interest::READABLE)
    };
    match attempt() {
        Ok(()) => "accepted".into(),
        Err(error) => error.to_string(),
    }
}
// ANCHOR_END: registered
