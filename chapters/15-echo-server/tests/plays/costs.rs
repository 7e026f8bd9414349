//! What a connection costs while it says nothing, and what a request costs: bytes, allocations and system calls, which do not depend
//! on time.

use std::future::Future;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;

use clap::Parser;
use echo_server::figures::Tally;
use echo_server::worker::{Seat, serve};
use echo_server::{EitherLoop, Limit, Options, WhichLoop, listener};
use probe_io::heap;
use reactor::network::Network;
use reactor::{Reactor, ReactorHandle};
use state_machines::{Winner, race, yield_now};
use wakers::oneshot;

use counted::{Calls, Counted};

#[path = "counted.rs"]
mod counted;

/// The most bytes that an idle connection may own. `bench -- counts` says how many they are.
const IDLE: isize = 600;

/// Clients, and what the worker that serves them has counted.
struct Clients {
    address: SocketAddr,
    tally: Arc<Tally>,
    streams: Vec<TcpStream>,
    bytes: u64,
}

impl Clients {
    /// As many clients as `count`, each of which has sent one byte and has got it back.
    async fn connect(&mut self, count: usize) {
        while self.streams.len() < count {
            self.streams.push(TcpStream::connect(self.address).unwrap());
            self.request(self.streams.len() - 1).await;
        }
    }

    async fn request(&mut self, client: usize) {
        self.streams[client].write_all(b"?").unwrap();
        self.bytes += 1;
        while self.tally.figures().bytes_out < self.bytes {
            yield_now().await; // The loop polls for events once more.
        }
        self.streams[client].read_exact(&mut [0]).unwrap();
    }
}

/// Runs `story` beside a worker on this thread.
fn beside_a_worker<N, F>(
    which: WhichLoop,
    network: impl FnOnce(ReactorHandle) -> N,
    story: impl FnOnce(Clients) -> F,
) where
    N: Network<Bound = StdListener>,
    F: Future<Output = ()>,
{
    let options = Options::parse_from(["server", "--workers", "1"]);
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let listener = listener::bind(listen, 1).unwrap().remove(0);
    let tally = Arc::<Tally>::default();
    let clients = Clients {
        address: listener.local_addr().unwrap(),
        tally: Arc::clone(&tally),
        streams: Vec::with_capacity(1_000),
        bytes: 0,
    };
    let (ready, _is_ready) = oneshot::channel();
    let (_drain, drained) = oneshot::channel();
    let (_cut, is_cut) = oneshot::channel();
    let seat = Seat {
        listener,
        options,
        limit: Limit::new(1_000),
        tally,
        said: Arc::default(),
        ready,
        drain: drained,
        cut: is_cut,
    };
    let event_loop = EitherLoop::new(which, Reactor::new().unwrap());
    let network = network(event_loop.driver().handle());
    let server = serve(seat, event_loop.handle(), network);
    let ended = event_loop.block_on(race(server, story(clients)));
    assert!(matches!(ended, Winner::Second(())));
}

#[test]
fn an_idle_connection_owns_no_more_memory_than_the_bound() {
    for which in [WhichLoop::Reference, WhichLoop::Fast] {
        beside_a_worker(
            which,
            |reactor| reactor,
            async |mut clients| {
                // The tables of the loop and of the reactor double, so the count of connections does.
                clients.connect(120).await;
                let before = heap::in_use();
                clients.connect(240).await;
                let bytes = (heap::in_use() - before) / 120;
                println!("{which:?}: {bytes} bytes an idle connection");
                assert!(bytes <= IDLE, "{bytes} bytes with the loop {which:?}");
            },
        );
    }
}

#[test]
fn a_request_allocates_nothing() {
    for which in [WhichLoop::Reference, WhichLoop::Fast] {
        beside_a_worker(
            which,
            |reactor| reactor,
            async |mut clients| {
                clients.connect(10).await;
                let before = heap::allocations();
                for request in 0..100 {
                    clients.request(request % 10).await;
                }
                assert_eq!(heap::allocations() - before, 0, "with the loop {which:?}");
            },
        );
    }
}

#[test]
fn a_request_is_one_read_and_one_write_beside_its_share_of_a_wait() {
    for which in [WhichLoop::Reference, WhichLoop::Fast] {
        let calls = Rc::<Calls>::default();
        let network = |reactor| Counted {
            reactor,
            calls: Rc::clone(&calls),
        };
        beside_a_worker(which, network, async |mut clients| {
            clients.connect(10).await;
            let before = (calls.reads.get(), calls.writes.get());
            for request in 0..100 {
                clients.request(request % 10).await;
            }
            let (reads, writes) = before;
            let made = (calls.reads.get() - reads, calls.writes.get() - writes);
            assert_eq!(
                made,
                (100, 100),
                "reads and writes, with the loop {which:?}"
            );
        });
    }
}
