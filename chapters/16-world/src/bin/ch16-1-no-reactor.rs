//! Four libraries on one loop: two of them look for a runtime that is not there.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::time::Duration;

use event_loop::{EventLoop, Handle, panic_message};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use reactor::{Reactor, ReactorHandle, TcpListener, TcpStream};
use world::hyper_rt::HyperIo;

// ANCHOR: main
fn main() {
    set_hook(Box::new(|_| {})); // The table below shows the panics.
    on_the_loop("tokio::time::sleep", |_, _| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        "slept".to_owned()
    });
    on_the_loop("tokio::net::TcpListener", |_, _| async {
        let bound = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        format!("{:?}", bound.is_ok())
    });
    on_the_loop("tokio::sync::oneshot", |handle, _| async move {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        drop(handle.spawn(async { sender.send("sent by another task") }));
        receiver.await.unwrap().to_owned()
    });
    on_the_loop("hyper::client", get);
}
// ANCHOR_END: main

// ANCHOR: get
/// Asks a server for a page, with hyper's client.
async fn get(handle: Handle, reactor: ReactorHandle) -> String {
    let address = serve_one_page(&handle, &reactor);
    let stream = TcpStream::connect(&reactor, address).await.unwrap();
    let io = HyperIo::new(stream);
    let (mut requests, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    drop(handle.spawn(connection));
    let request = Request::get("/").body(Empty::<Bytes>::new()).unwrap();
    let response = requests.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    format!("{status}, {:?}", String::from_utf8_lossy(&body))
}
// ANCHOR_END: get

fn serve_one_page(handle: &Handle, reactor: &ReactorHandle) -> std::net::SocketAddr {
    let listener = TcpListener::bind(reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    drop(handle.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let answer = hyper::service::service_fn(|_request| async {
            let page = "Welcome home!".to_owned();
            Ok::<_, std::convert::Infallible>(hyper::Response::new(page))
        });
        let builder = hyper::server::conn::http1::Builder::new();
        builder.serve_connection(HyperIo::new(stream), answer).await
    }));
    address
}

/// Runs this on a loop of its own, and prints what came of it.
fn on_the_loop<F: Future<Output = String>>(
    name: &str,
    make: impl FnOnce(Handle, ReactorHandle) -> F,
) {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let future = make(event_loop.handle(), event_loop.driver().handle());
    let outcome = catch_unwind(AssertUnwindSafe(|| event_loop.block_on(future)));
    match outcome {
        Ok(output) => println!("{name:24} {output}"),
        Err(panic) => println!("{name:24} panics: {}", panic_message(&*panic)),
    }
}
