//! The instrument of exercise idle-spin: how often one is woken by a socket on which nothing
//! happens.
//!
//! mio is always edge-triggered, so this speaks to epoll itself.

fn main() -> std::io::Result<()> {
    idle::main()
}

#[cfg(target_os = "linux")]
mod idle {
    use std::io;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use rustix::event::{Timespec, epoll};

    const WAYS: [(&str, epoll::EventFlags); 3] = [
        (
            "level, read and write",
            epoll::EventFlags::IN.union(epoll::EventFlags::OUT),
        ),
        ("level, read only", epoll::EventFlags::IN),
        (
            "edge, read and write",
            epoll::EventFlags::IN
                .union(epoll::EventFlags::OUT)
                .union(epoll::EventFlags::ET),
        ),
    ];

    pub(super) fn main() -> io::Result<()> {
        println!("wake-ups in a tenth of a second, on a socket on which nothing happens");
        for (name, flags) in WAYS {
            println!("{name:<22} {:>8}", wake_ups(flags)?);
        }
        Ok(())
    }

    fn wake_ups(flags: epoll::EventFlags) -> io::Result<u64> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let _client = TcpStream::connect(listener.local_addr()?)?;
        let (socket, _) = listener.accept()?;
        let list = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&list, &socket, epoll::EventData::new_u64(0), flags)?;

        let end = Instant::now() + Duration::from_millis(100);
        let mut count = 0;
        let mut events = Vec::with_capacity(8);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(count);
            }
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            events.clear();
            match epoll::wait(
                &list,
                rustix::buffer::spare_capacity(&mut events),
                Some(&timeout),
            ) {
                Ok(told) => count += told as u64,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod idle {
    pub(super) fn main() -> std::io::Result<()> {
        println!("There is no epoll here. These figures are from Linux, on two cores:");
        println!("wake-ups in a tenth of a second, on a socket on which nothing happens");
        println!("level, read and write     89404");
        println!("level, read only              0");
        println!("edge, read and write          1");
        Ok(())
    }
}
