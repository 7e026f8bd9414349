//! What becomes of connections when the server finishes.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use echo_server::limit::Limit;
use echo_server::listener::Gate;
use event_loop::{EventLoop, JumpingDriver};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use reactor::TcpStream;
use reactor::network::{Listener, Network};
use wakers::oneshot;
use world::http_connection::{Answer, Answering, Patience};
use world::http_worker::Worker;
use world::reply::text;

use super::started::{body, with, with_site};

#[test]
fn an_idle_connection_is_closed_at_once() {
    let numbers = with_site(|site| async move {
        let mut client = site.client().await;
        let response = client.send_request(site.get("/")).await.unwrap();
        assert_eq!(body(response).await, "Welcome home!\n");
        site.finish();
        site.ended.await.unwrap()
    });
    assert_eq!((numbers.admitted, numbers.finished), (1, 1));
}

#[test]
fn a_connection_on_which_nothing_was_sent_is_closed_at_once() {
    let numbers = with_site(|site| async move {
        let mut silent = site.connect().await;
        site.finish();
        assert_eq!(silent.read(&mut [0; 9]).await.unwrap(), 0);
        site.ended.await.unwrap()
    });
    assert_eq!((numbers.admitted, numbers.finished), (1, 1));
}

#[test]
fn a_request_that_had_arrived_is_answered_also_if_its_connection_was_not_accepted() {
    with_site(|site| async move {
        // Connected and sent by the kernel alone: the worker gets no turn until the next await.
        let mut stream = std::net::TcpStream::connect(site.address).unwrap();
        let request = b"GET /hello/Ada HTTP/1.1\r\nhost: here\r\n\r\n";
        std::io::Write::write_all(&mut stream, request).unwrap();
        site.finish();
        site.ended.await.unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.ends_with("Hello, Ada!\n"), "{answer}");
    });
}

/// Answers when the gate opens.
#[derive(Default)]
struct Late {
    asked: Cell<Option<oneshot::Sender<()>>>,
    gate: Cell<Option<oneshot::Receiver<()>>>,
}

impl Answer for Late {
    fn answer(self: Rc<Self>, _request: Request<Incoming>) -> Answering {
        self.asked.take().unwrap().send(()).unwrap();
        let gate = self.gate.take().unwrap();
        Box::pin(async {
            gate.await.unwrap();
            text("late\n")
        })
    }
}

#[test]
fn a_request_in_flight_is_answered_and_then_its_connection_ends() {
    for version in [1, 2] {
        let (asked, is_asked) = oneshot::channel();
        let (open, gate) = oneshot::channel();
        let late = Rc::new(Late {
            asked: Cell::new(Some(asked)),
            gate: Cell::new(Some(gate)),
        });
        with(
            |_| late,
            |server| async move {
                let request = server.get("/");
                let mut one = server.client().await;
                let mut two = server.client_of_two().await;
                let answer = server.handle.spawn(async move {
                    let sent = match version {
                        1 => one.send_request(request).await,
                        _ => two.send_request(request).await,
                    };
                    body(sent.unwrap()).await
                });
                is_asked.await.unwrap();
                server.finish();
                event_loop::yield_now().await;
                open.send(()).unwrap();
                assert_eq!(answer.await.unwrap(), "late\n");
                let numbers = server.ended.await.unwrap();
                assert_eq!((numbers.admitted, numbers.finished), (2, 2));
            },
        );
    }
}

/// Panics.
struct Panics;

impl Answer for Panics {
    fn answer(self: Rc<Self>, _request: Request<Incoming>) -> Answering {
        panic!("a handler that was written to panic")
    }
}

#[test]
fn a_handler_that_panics_is_an_answer_of_500_and_the_server_goes_on() {
    with(
        |_| Rc::new(Panics),
        |server| async move {
            let mut client = server.client().await;
            for _ in 0..2 {
                let response = client.send_request(server.get("/")).await.unwrap();
                assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
                let _ = body(response).await;
            }
        },
    );
}

#[test]
fn a_client_that_resets_its_connection_takes_no_other_with_it() {
    with_site(|site| async move {
        let mut client = site.client().await;
        for _ in 0..50 {
            let mut gone = site.connect().await;
            gone.write_all(b"GET /static/site.rs HTTP/1.1\r\nhost: here\r\n\r\n")
                .await
                .unwrap();
            // Bytes that were not read make the kernel send a reset.
            gone.read_exact(&mut [0; 1]).await.unwrap();
        }
        let response = client.send_request(site.get("/")).await.unwrap();
        assert_eq!(body(response).await, "Welcome home!\n");
    });
}

/// A network that is so busy that it never catches up. It has no clients.
#[derive(Clone)]
struct Busy;

impl Network for Busy {
    type Bound = NoClients;
    type Listener = NoClients;
    type Stream = TcpStream;

    fn listen(&self, bound: NoClients) -> io::Result<NoClients> {
        Ok(bound)
    }

    fn parks(&self) -> u64 {
        0
    }

    fn caught_up(&self) -> impl Future<Output = ()> {
        pending()
    }
}

struct NoClients;

impl Listener for NoClients {
    type Stream = TcpStream;

    fn readable(&self) -> impl Future<Output = io::Result<()>> {
        pending()
    }

    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        pending()
    }
}

#[test]
fn the_time_to_finish_counts_from_the_order() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let worker = Worker {
        handle: handle.clone(),
        network: Busy,
        answer: Rc::new(Late::default()),
        tls: RefCell::new(None),
        patience: Patience::default(),
        drain: Duration::from_secs(30),
    };
    let gate = Gate {
        listener: NoClients,
        limit: Limit::new(1),
    };
    let order = handle.sleep(Duration::from_secs(5));
    let numbers = event_loop.block_on(worker.serve(gate, order)).unwrap();
    assert_eq!(handle.now().since_start(), Duration::from_secs(35));
    assert_eq!((numbers.admitted, numbers.open()), (0, 0));
}
