//! Sockets on a reactor. Ports come from the kernel, and every wait is for an event.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream as Peer};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use event_loop::{Driver, EventLoop, Handle, yield_now};
use futures::future::{join_all, poll_immediate, select, try_join};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::{Reactor, ReactorHandle, TcpListener, TcpStream, UdpSocket};

const ANY: &str = "127.0.0.1:0";

/// Runs a test on a loop of its own, and sees that it leaves nothing in the reactor.
fn on_a_loop<T>(test: impl AsyncFnOnce(&Handle, &ReactorHandle) -> io::Result<T>) -> T {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let result = event_loop.block_on(test(&handle, &reactor)).unwrap();
    drop(event_loop);
    assert_eq!(reactor.sources(), 0, "something was left in the reactor");
    result
}

fn listen(reactor: &ReactorHandle) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(reactor, ANY.parse().unwrap())?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Both ends of a connection.
async fn pair(reactor: &ReactorHandle) -> io::Result<(TcpStream, TcpStream)> {
    let (listener, address) = listen(reactor)?;
    let (client, (server, _)) =
        try_join(TcpStream::connect(reactor, address), listener.accept()).await?;
    Ok((client, server))
}

/// One end of a connection, whose other end blocks.
async fn with_peer(reactor: &ReactorHandle) -> io::Result<(TcpStream, Peer)> {
    let (listener, address) = listen(reactor)?;
    let peer = Peer::connect(address)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, peer))
}

#[test]
fn bytes_go_both_ways() {
    on_a_loop(async |_, reactor| {
        let (mut client, mut server) = pair(reactor).await?;
        client.write_all(b"ping").await?;
        let mut four = [0; 4];
        server.read_exact(&mut four).await?;
        assert_eq!(&four, b"ping");
        server.write_all(b"pong").await?;
        client.read_exact(&mut four).await?;
        assert_eq!(&four, b"pong");
        Ok(())
    });
}

#[test]
fn both_ends_know_their_addresses() {
    on_a_loop(async |_, reactor| {
        let (listener, address) = listen(reactor)?;
        let (client, (server, from)) =
            try_join(TcpStream::connect(reactor, address), listener.accept()).await?;
        assert_eq!(client.peer_addr()?, address);
        assert_eq!(server.local_addr()?, address);
        assert_eq!(server.peer_addr()?, client.local_addr()?);
        assert_eq!(from, client.local_addr()?);
        Ok(())
    });
}

#[test]
fn a_refused_connection_says_so() {
    on_a_loop(async |_, reactor| {
        let (listener, address) = listen(reactor)?;
        drop(listener);
        let error = TcpStream::connect(reactor, address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        Ok(())
    });
}

#[test]
fn connecting_can_be_given_up() {
    on_a_loop(async |_, reactor| {
        let (_listener, address) = listen(reactor)?;
        // Polled once, and dropped.
        let _ = poll_immediate(pin!(TcpStream::connect(reactor, address))).await;
        assert_eq!(reactor.sources(), 1, "the listener, and nothing else");
        Ok(())
    });
}

#[test]
fn an_end_goes_one_way_and_data_the_other() {
    on_a_loop(async |_, reactor| {
        let (mut client, mut server) = pair(reactor).await?;
        client.write_all(b"question").await?;
        client.close()?;
        client.close()?;
        let mut heard = String::new();
        server.read_to_string(&mut heard).await?;
        assert_eq!(heard, "question");
        server.write_all(b"answer").await?;
        server.close()?;
        heard.clear();
        client.read_to_string(&mut heard).await?;
        assert_eq!(heard, "answer");
        Ok(())
    });
}

#[test]
fn the_last_bytes_and_the_end_may_come_at_once() {
    on_a_loop(async |_, reactor| {
        for _ in 0..200 {
            let (mut stream, mut peer) = with_peer(reactor).await?;
            // The reader waits, so that both come in one event or two, as the system likes.
            let mut heard = Vec::new();
            {
                let mut reading = pin!(stream.read_to_end(&mut heard));
                assert!(poll_immediate(reading.as_mut()).await.is_none());
                peer.write_all(b"bye")?;
                peer.shutdown(Shutdown::Write)?;
                reading.await?;
            }
            assert_eq!(heard, b"bye");
        }
        Ok(())
    });
}

#[test]
fn a_reset_is_an_error_and_not_an_end() {
    on_a_loop(async |_, reactor| {
        let (mut stream, peer) = with_peer(reactor).await?;
        stream.write_all(b"unread").await?;
        // Closing with unread input resets the connection; it is there once it can be seen.
        peer.peek(&mut [0])?;
        drop(peer);
        let error = stream.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        Ok(())
    });
}

#[test]
fn more_than_the_system_takes_arrives_whole() {
    on_a_loop(async |_, reactor| {
        let (mut stream, mut peer) = with_peer(reactor).await?;
        let sent: Vec<u8> = (0..20 << 20).map(|at: u32| at.to_le_bytes()[1]).collect();
        let reader = thread::spawn(move || {
            let mut received = Vec::new();
            peer.read_to_end(&mut received).map(|_| received)
        });
        reactor::write_all(&mut stream, &sent).await?;
        stream.close()?;
        assert!(reader.join().unwrap()? == sent);
        Ok(())
    });
}

#[test]
fn two_tasks_share_a_stream_and_both_are_woken() {
    on_a_loop(async |handle, reactor| {
        let (stream, mut peer) = with_peer(reactor).await?;
        let stream = Rc::new(stream);
        let total = 20 << 20;
        let writes = Rc::clone(&stream);
        let writer = handle.spawn(async move { (&*writes).write_all(&vec![1; total]).await });
        let reader = handle.spawn(async move {
            let mut heard = String::new();
            (&*stream).read_to_string(&mut heard).await.map(|_| heard)
        });
        // Both wait now: there is no room any more, and nothing to read.
        for _ in 0..1_000 {
            yield_now().await;
        }
        assert!(!writer.is_finished() && !reader.is_finished());
        let peer = thread::spawn(move || {
            peer.write_all(b"for the reader")?;
            peer.shutdown(Shutdown::Write)?;
            io::copy(&mut peer, &mut io::sink())
        });
        writer.await.unwrap()?;
        assert_eq!(reader.await.unwrap()?, "for the reader");
        assert_eq!(peer.join().unwrap()?, total as u64);
        Ok(())
    });
}

#[test]
fn many_connections_are_served_at_once() {
    on_a_loop(async |handle, reactor| {
        let (listener, address) = listen(reactor)?;
        let echoes = handle.clone();
        let server = handle.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                drop(echoes.spawn(async move {
                    futures::io::copy(&stream, &mut &stream).await.unwrap();
                    stream.close().unwrap();
                }));
            }
        });
        let clients = (0..200_u32).map(async |number| {
            let mut stream = TcpStream::connect(reactor, address).await?;
            stream.write_all(&number.to_le_bytes()).await?;
            stream.close()?;
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).await?;
            assert_eq!(heard, number.to_le_bytes());
            io::Result::Ok(())
        });
        for client in join_all(clients).await {
            client?;
        }
        server.abort();
        Ok(())
    });
}

#[test]
fn one_event_may_stand_for_many_clients() {
    on_a_loop(async |_, reactor| {
        let (listener, address) = listen(reactor)?;
        let peers: Vec<Peer> = (0..50)
            .map(|_| Peer::connect(address))
            .collect::<Result<_, _>>()?;
        for _ in &peers {
            listener.accept().await?;
        }
        assert!(poll_immediate(pin!(listener.accept())).await.is_none());
        Ok(())
    });
}

#[test]
fn a_client_that_is_gone_before_it_is_taken_leaves_the_listener_as_it_was() {
    on_a_loop(async |_, reactor| {
        let (listener, address) = listen(reactor)?;
        drop(Peer::connect(address)?);
        let mut peer = Peer::connect(address)?;
        peer.write_all(b"!")?;
        // The first may be taken and found ended, or be an error, as the system likes.
        let mut heard = [0];
        loop {
            let Ok((mut stream, _)) = listener.accept().await else {
                continue;
            };
            if stream.read(&mut heard).await.is_ok_and(|count| count == 1) {
                break;
            }
        }
        assert_eq!(&heard, b"!");
        Ok(())
    });
}

#[test]
fn a_loud_peer_is_read_no_more_than_the_budget_in_a_turn() {
    on_a_loop(async |handle, reactor| {
        let (mut loud, mut peer) = with_peer(reactor).await?;
        peer.write_all(&[b'.'; 4_000])?;
        let reads = Rc::new(Cell::new(0_u32));
        let count = Rc::clone(&reads);
        let reader = handle.spawn(async move {
            for _ in 0..2_000 {
                loud.read_exact(&mut [0; 2]).await?;
                count.set(count.get() + 1);
            }
            io::Result::Ok(())
        });
        let mut turns = 0;
        while !reader.is_finished() {
            let before = reads.get();
            yield_now().await;
            turns += 1;
            assert!(reads.get() - before <= reactor::readiness::BUDGET);
        }
        assert!(turns >= 2_000 / reactor::readiness::BUDGET);
        reader.await.unwrap()
    });
}

#[test]
fn a_vectored_write_takes_the_bytes_of_all_buffers() {
    on_a_loop(async |_, reactor| {
        let (mut client, mut server) = pair(reactor).await?;
        let buffers = [b"head, ".as_slice(), b"", b"body"].map(IoSlice::new);
        let count = client.write_vectored(&buffers).await?;
        assert_eq!(count, 10, "one call has room for ten bytes");
        let mut ten = [0; 10];
        server.read_exact(&mut ten).await?;
        assert_eq!(&ten, b"head, body");
        Ok(())
    });
}

#[test]
fn a_vectored_write_that_is_cut_short_goes_on_where_it_stopped() {
    on_a_loop(async |handle, reactor| {
        let (mut client, mut server) = pair(reactor).await?;
        let half = vec![1; 4 * 1024 * 1024];
        let reading = handle.spawn(async move {
            let mut all = Vec::new();
            server.read_to_end(&mut all).await.map(|_| all)
        });
        let mut sent = 0;
        while sent < 2 * half.len() {
            let rest = [
                half.get(sent..).unwrap_or_default(),
                &half[sent.saturating_sub(half.len())..],
            ];
            sent += client.write_vectored(&rest.map(IoSlice::new)).await?;
        }
        client.close()?;
        let read = reading.await.expect("the reader does not panic")?;
        assert_eq!(read.len(), 2 * half.len());
        Ok(())
    });
}

#[test]
fn a_writer_that_is_never_held_up_pauses_too() {
    on_a_loop(async |handle, reactor| {
        let (mut stream, mut peer) = with_peer(reactor).await?;
        let sink = thread::spawn(move || io::copy(&mut peer, &mut io::sink()));
        let writes = Rc::new(Cell::new(0_u32));
        let count = Rc::clone(&writes);
        let writer = handle.spawn(async move {
            for _ in 0..1_000 {
                stream.write_all(b".").await?;
                count.set(count.get() + 1);
            }
            io::Result::Ok(())
        });
        while !writer.is_finished() {
            let before = writes.get();
            yield_now().await;
            assert!(writes.get() - before <= reactor::readiness::BUDGET);
        }
        writer.await.unwrap()?;
        assert_eq!(sink.join().unwrap()?, 1_000);
        Ok(())
    });
}

#[test]
fn a_socket_in_the_place_of_another_is_not_woken_by_its_events() {
    on_a_loop(async |_, reactor| {
        let (first, mut peer) = with_peer(reactor).await?;
        // The event is on its way, and the socket goes; the next one takes its place in the table.
        peer.write_all(b"for the first")?;
        drop(first);
        let (mut second, _other) = with_peer(reactor).await?;
        for _ in 0..10 {
            yield_now().await;
        }
        let mut buffer = [0; 8];
        assert!(
            poll_immediate(pin!(second.read(&mut buffer)))
                .await
                .is_none()
        );
        Ok(())
    });
}

#[test]
fn what_is_dropped_leaves_the_reactor() {
    on_a_loop(async |_, reactor| {
        for _ in 0..100 {
            let both = pair(reactor).await?;
            assert_eq!(reactor.sources(), 2);
            drop(both);
        }
        assert_eq!(reactor.sources(), 0);
        Ok(())
    });
}

#[test]
fn a_read_that_is_given_up_loses_nothing() {
    on_a_loop(async |_, reactor| {
        let (mut stream, mut peer) = with_peer(reactor).await?;
        let mut buffer = [0; 8];
        assert!(
            poll_immediate(pin!(stream.read(&mut buffer)))
                .await
                .is_none()
        );
        peer.write_all(b"here")?;
        assert_eq!(stream.read(&mut buffer).await?, 4);
        Ok(())
    });
}

#[test]
fn an_idle_loop_asks_once_and_waits() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let parks = event_loop.block_on(async {
        let (mut stream, mut peer) = with_peer(&reactor).await.unwrap();
        let (begin, begun) = std::sync::mpsc::channel();
        let door = handle.door();
        let other = thread::spawn(move || {
            begun.recv().unwrap();
            peer.write_all(b"!").unwrap();
            drop(door);
            peer
        });
        yield_now().await;
        let before = reactor.parks();
        begin.send(()).unwrap();
        stream.read_exact(&mut [0]).await.unwrap();
        let parks = reactor.parks() - before;
        drop(other.join().unwrap());
        parks
    });
    // One that sleeps until the byte is there; and one before it, if room to write was news.
    assert!(parks <= 3, "{parks}");
}

#[test]
fn a_sleep_is_rounded_up_and_takes_two_parks_at_the_most() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        for microseconds in [1, 300, 999, 1_001, 2_500] {
            yield_now().await;
            let (before, begun) = (reactor.parks(), handle.now());
            handle.sleep(Duration::from_micros(microseconds)).await;
            assert!(handle.now().saturating_since(begun) >= Duration::from_micros(microseconds));
            assert!(reactor.parks() - before <= 2, "{microseconds}");
        }
    });
}

#[test]
fn another_thread_ends_the_wait() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (sender, receiver) = futures::channel::oneshot::channel();
    let other = thread::spawn(move || sender.send(7).unwrap());
    assert_eq!(event_loop.block_on(receiver), Ok(7));
    other.join().unwrap();
}

#[test]
fn an_unpark_before_the_park_counts() {
    let reactor = Reactor::new().unwrap();
    reactor.unparker().unpark();
    // Without a time-out: this would hang if it were lost.
    reactor.park(None).unwrap();
}

#[test]
fn unparks_in_a_row_end_one_park_or_more_and_none_is_an_error() {
    let reactor = Reactor::new().unwrap();
    for _ in 0..1_000 {
        reactor.unparker().unpark();
    }
    reactor.park(None).unwrap();
    reactor.park(Some(Duration::ZERO)).unwrap();
}

#[test]
fn a_park_may_be_very_long() {
    let reactor = Reactor::new().unwrap();
    reactor.unparker().unpark();
    reactor.park(Some(Duration::MAX)).unwrap();
}

#[test]
fn an_accept_that_waits_is_woken_although_it_has_moved() {
    on_a_loop(async |handle, reactor| {
        let (listener, address) = listen(reactor)?;
        let listener = Rc::new(listener);
        assert!(poll_immediate(pin!(listener.accept())).await.is_none());
        let accepts = Rc::clone(&listener);
        let task = handle.spawn(async move { accepts.accept().await.map(|_| ()) });
        yield_now().await;
        let _peer = Peer::connect(address)?;
        task.await.unwrap()
    });
}

#[test]
fn closing_the_loop_closes_the_sockets_of_its_tasks() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let mut peer = event_loop.block_on(async {
        let (mut stream, peer) = with_peer(&reactor).await.unwrap();
        drop(handle.spawn(async move { stream.read(&mut [0]).await }));
        peer
    });
    assert_eq!(reactor.sources(), 1);
    drop(event_loop);
    assert_eq!(reactor.sources(), 0);
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
}

#[cfg(unix)]
#[test]
fn a_pipe_ends_when_its_writer_is_dropped() {
    on_a_loop(async |_, reactor| {
        let (mut writer, mut reader) = reactor::pipe(reactor)?;
        writer.write_all(b"through the pipe").await?;
        drop(writer);
        let mut heard = String::new();
        reader.read_to_string(&mut heard).await?;
        assert_eq!(heard, "through the pipe");
        Ok(())
    });
}

#[cfg(unix)]
#[test]
fn a_pipe_without_a_reader_breaks() {
    on_a_loop(async |_, reactor| {
        let (mut writer, reader) = reactor::pipe(reactor)?;
        drop(reader);
        let error = writer.write_all(b"for nobody").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        Ok(())
    });
}

#[cfg(unix)]
#[test]
fn a_pair_of_unix_sockets_talks_both_ways() {
    on_a_loop(async |_, reactor| {
        let (mut one, mut other) = reactor::UnixStream::pair(reactor)?;
        one.write_all(b"!").await?;
        other.read_exact(&mut [0]).await?;
        other.close()?;
        assert_eq!(one.read(&mut [0]).await?, 0);
        one.write_all(b"?").await?;
        other.read_exact(&mut [0]).await?;
        Ok(())
    });
}

/// epoll refuses them: a regular file is always ready, and a read from it waits for the disk all
/// the same.
#[cfg(target_os = "linux")]
#[test]
fn a_regular_file_cannot_be_watched() {
    use std::os::fd::AsRawFd;

    let reactor = Reactor::new().unwrap().handle();
    let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).unwrap();
    let descriptor = file.as_raw_fd();
    let watched = reactor::Registered::new(
        &reactor,
        mio::unix::SourceFd(&descriptor),
        reactor::Source::new(),
        mio::Interest::READABLE,
    );
    assert_eq!(watched.err().unwrap().kind(), ErrorKind::PermissionDenied);
    assert_eq!(reactor.sources(), 0);
}

#[test]
fn a_future_written_by_hand_may_poll_for_a_connection() {
    on_a_loop(async |_, reactor| {
        let (listener, address) = listen(reactor)?;
        let _peer = Peer::connect(address)?;
        let mut polls = 0;
        let accepted = poll_fn(|context| {
            polls += 1;
            match listener.poll_accept(context) {
                Poll::Ready(accepted) => Poll::Ready(accepted.map(|_| ())),
                Poll::Pending => Poll::Pending,
            }
        });
        accepted.await?;
        assert!(polls <= 2);
        Ok(())
    });
}

/// Counts its wakes, and panics in the first.
#[derive(Default)]
struct PanicsOnce(std::sync::atomic::AtomicUsize);

impl std::task::Wake for PanicsOnce {
    fn wake(self: std::sync::Arc<Self>) {
        let wakes = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert_ne!(wakes, 0, "in a waker");
    }
}

#[test]
fn park_returns_after_it_has_woken_and_a_waker_that_panics_costs_no_other_its_event() {
    let reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let counted = std::sync::Arc::<PanicsOnce>::default();
    let waker = std::task::Waker::from(std::sync::Arc::clone(&counted));
    let mut context = std::task::Context::from_waker(&waker);
    let listeners: Vec<_> = (0..2).map(|_| listen(&handle).unwrap()).collect();
    let mut waits: Vec<_> = (listeners.iter())
        .map(|(listener, _)| Box::pin(listener.readable()))
        .collect();
    for wait in &mut waits {
        assert!(wait.as_mut().poll(&mut context).is_pending());
    }
    let _peers: Vec<_> = (listeners.iter())
        .map(|(_, address)| Peer::connect(address).unwrap())
        .collect();
    let mut panics = 0;
    while counted.0.load(std::sync::atomic::Ordering::Relaxed) < 2 {
        // No unparker is called: each of these returns because it has woken a task.
        let park = std::panic::AssertUnwindSafe(|| reactor.park(None).unwrap());
        panics += usize::from(std::panic::catch_unwind(park).is_err());
    }
    assert_eq!(panics, 1);
    for wait in &mut waits {
        assert!(wait.as_mut().poll(&mut context).is_ready());
    }
}

#[test]
fn what_has_arrived_is_dispatched_also_if_more_arrives_in_every_iteration() {
    on_a_loop(async |handle, reactor| {
        let bound = (0..300).map(|_| UdpSocket::bind(reactor, ANY.parse().unwrap()));
        let sockets: Vec<UdpSocket> = bound.collect::<io::Result<_>>()?;
        let addresses: Vec<_> = (sockets.iter())
            .map(UdpSocket::local_addr)
            .collect::<io::Result<_>>()?;
        let sends = handle.spawn(async move {
            let peer = std::net::UdpSocket::bind(ANY).unwrap();
            loop {
                for address in &addresses {
                    peer.send_to(b"more", address).unwrap();
                }
                yield_now().await;
            }
        });
        yield_now().await;
        let before = reactor.parks();
        let gives_up = async {
            for _ in 0..40 {
                yield_now().await;
            }
        };
        select(pin!(reactor.caught_up()), pin!(gives_up)).await;
        // 601 events are more than there can be, and an iteration dispatches 256.
        let took = reactor.parks() - before;
        assert!(took <= 3, "it took {took} iterations");
        sends.abort();
        Ok(())
    });
}
