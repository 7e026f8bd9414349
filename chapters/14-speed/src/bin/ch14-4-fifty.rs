//! Fifty sockets with something to read, a hundred times: how often is the kernel entered?

#[cfg(target_os = "linux")]
mod fifty {
    use std::cell::Cell;
    use std::io::{self, Write};
    use std::os::unix::net::UnixStream;
    use std::rc::Rc;
    use std::time::Duration;

    use event_loop::{Driver, EventLoop, Time, Unparker};
    use futures::future::join_all;
    use speed::buffer::Buffer;
    use speed::uring::{Refused, Source, Uring};

    // ANCHOR: two_ways
    /// The kernel says that there is something to read, and the task reads.
    async fn when_ready(source: &Source, calls: &Cell<usize>) -> usize {
        source.readable().await;
        let mut bytes = [0; 64];
        calls.set(calls.get() + 1);
        rustix::io::read(source, &mut bytes).expect("there is something to read")
    }

    /// The kernel reads, and says that it has.
    async fn when_done(source: &Source) -> usize {
        let (count, _buffer) = source.read(Buffer::new(64)).await;
        count.expect("the kernel reads")
    }
    // ANCHOR_END: two_ways

    /// A driver that counts its parks.
    struct Counted {
        uring: Uring,
        parks: Rc<Cell<usize>>,
    }

    impl Driver for Counted {
        fn now(&self) -> Time {
            self.uring.now()
        }

        fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
            self.parks.set(self.parks.get() + 1);
            self.uring.park(timeout)
        }

        fn unparker(&self) -> Unparker {
            self.uring.unparker()
        }
    }

    pub(super) fn main() -> Result<(), Refused> {
        for way in ["ready", "done"] {
            let uring = Uring::new()?;
            let (parks, reads) = (Rc::new(Cell::new(0)), Cell::new(0));
            let pairs = (0..50).map(|_| UnixStream::pair().expect("the system gives sockets"));
            let (here, mut there): (Vec<_>, Vec<_>) = pairs.unzip();
            let sources: Vec<Source> = here
                .into_iter()
                .map(|one| uring.source(one.into()))
                .collect();
            let counted = Counted {
                uring,
                parks: Rc::clone(&parks),
            };
            EventLoop::with_driver(counted).block_on(async {
                for _ in 0..100 {
                    for other in &mut there {
                        other.write_all(b"tea").expect("there is room");
                    }
                    let counts = match way {
                        "ready" => {
                            join_all(sources.iter().map(|one| when_ready(one, &reads))).await
                        }
                        _ => join_all(sources.iter().map(when_done)).await,
                    };
                    assert_eq!(counts.iter().sum::<usize>(), 150);
                }
            });
            println!(
                "told when {way:5}: {} parks and {:4} reads, for 5000 messages",
                parks.get(),
                reads.get()
            );
        }
        Ok(())
    }
}

fn main() {
    closed_output::end_quietly();
    #[cfg(target_os = "linux")]
    if let Err(refused) = fifty::main() {
        println!("{refused}");
    }
}
