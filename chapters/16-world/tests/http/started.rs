//! A server on the loop of a test, and hyper's own client on the same loop.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use echo_server::limit::Limit;
use echo_server::listener::{Gate, bind};
use event_loop::{EventLoop, Handle, JoinHandle};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use reactor::network::Network;
use reactor::{Reactor, ReactorHandle, TcpStream};
use service::drain::Numbers;
use wakers::oneshot;
use world::http_connection::{Answer, Patience};
use world::http_worker::Worker;
use world::hyper_rt::{HyperIo, LoopExecutor};
use world::site::{GREETING, Notes, Setting, Site};

/// A server, and what its clients need.
pub(super) struct Started {
    pub(super) handle: Handle,
    pub(super) reactor: ReactorHandle,
    pub(super) address: SocketAddr,
    finish: Cell<Option<oneshot::Sender<()>>>,
    pub(super) ended: JoinHandle<Numbers>,
}

/// The folder of this crate's sources, which the site serves.
pub(super) fn files() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Runs a client against the site of the chapter.
pub(super) fn with_site<T, F: Future<Output = T>>(client: impl FnOnce(Started) -> F) -> T {
    with_idle_room(100, client)
}

/// The same, with a limit on the open connections.
pub(super) fn with_idle_room<T, F: Future<Output = T>>(
    connections: usize,
    client: impl FnOnce(Started) -> F,
) -> T {
    let setting = Setting {
        files: files(),
        home: GREETING.to_owned(),
        body: Duration::from_secs(30),
        notes: Notes::default(),
    };
    start(connections, |handle| Site::new(handle, setting), client)
}

/// Runs a client against these answers.
pub(super) fn with<T, F: Future<Output = T>>(
    answer: impl FnOnce(&Handle) -> Rc<dyn Answer>,
    client: impl FnOnce(Started) -> F,
) -> T {
    start(100, answer, client)
}

fn start<T, F: Future<Output = T>>(
    connections: usize,
    answer: impl FnOnce(&Handle) -> Rc<dyn Answer>,
    client: impl FnOnce(Started) -> F,
) -> T {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let bound = bind(([127, 0, 0, 1], 0).into(), 1).unwrap().remove(0);
    let address = bound.local_addr().unwrap();
    let (finish, finishes) = oneshot::channel();
    let gate = Gate {
        listener: reactor.listen(bound).unwrap(),
        limit: Limit::new(connections),
    };
    let worker = Worker {
        handle: handle.clone(),
        network: reactor.clone(),
        answer: answer(&handle),
        tls: RefCell::new(None),
        patience: Patience::default(),
        drain: Duration::from_secs(30),
    };
    let ended = handle.spawn(async move {
        let finish = async {
            let _ = finishes.await;
        };
        worker.serve(gate, finish).await.unwrap()
    });
    event_loop.block_on(client(Started {
        handle,
        reactor,
        address,
        finish: Cell::new(Some(finish)),
        ended,
    }))
}

impl Started {
    /// The order to finish.
    pub(super) fn finish(&self) {
        let order = self.finish.take().expect("it is given once");
        order.send(()).unwrap();
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.reactor, self.address)
            .await
            .unwrap()
    }

    /// hyper's client, whose connection is a task of this loop.
    pub(super) async fn client(&self) -> http1::SendRequest<Full<Bytes>> {
        let io = HyperIo::new(self.connect().await);
        let (requests, connection) = http1::handshake(io).await.unwrap();
        drop(self.handle.spawn(connection));
        requests
    }

    /// The same in HTTP/2.
    pub(super) async fn client_of_two(&self) -> http2::SendRequest<Full<Bytes>> {
        let io = HyperIo::new(self.connect().await);
        let executor = LoopExecutor::new(self.handle.clone());
        let (requests, connection) = http2::handshake(executor, io).await.unwrap();
        drop(self.handle.spawn(connection));
        requests
    }

    pub(super) fn get(&self, path: &str) -> Request<Full<Bytes>> {
        self.post(path, "")
            .map(|_| Full::default())
            .map_method(hyper::Method::GET)
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Request<Full<Bytes>> {
        Request::post(format!("http://{}{path}", self.address))
            .header("host", self.address.to_string())
            .body(Full::from(body.to_owned()))
            .unwrap()
    }
}

trait MapMethod {
    fn map_method(self, method: hyper::Method) -> Self;
}

impl<B> MapMethod for Request<B> {
    fn map_method(mut self, method: hyper::Method) -> Self {
        *self.method_mut() = method;
        self
    }
}

/// The body of an answer.
pub(super) async fn body(response: Response<Incoming>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}
