//! Four libraries on one loop: two of them look for a runtime that is not there.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::time::Duration;

use event_loop::{EventLoop, Handle, panic_message};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Request, Response};
use reactor::{Reactor, ReactorHandle, TcpListener, TcpStream};
use world::hyper_rt::HyperIo;

type Outcome<T = String> = Result<T, Box<dyn Error>>;

// ANCHOR: main
fn main() -> io::Result<()> {
    set_hook(Box::new(|_| {})); // The table below shows the panics.
    closed_output::end_quietly();
    on_the_loop("tokio::time::sleep", async |_, _| {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok("slept".to_owned())
    })?;
    on_the_loop("tokio::net::TcpListener", async |_, _| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        Ok(format!("listens at {}", listener.local_addr()?))
    })?;
    on_the_loop("tokio::sync::oneshot", async |handle, _| {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        drop(handle.spawn(async { sender.send("sent by another task") }));
        Ok(receiver.await?.to_owned())
    })?;
    on_the_loop("hyper::client", get)
}
// ANCHOR_END: main

// ANCHOR: get
/// Asks a server for a page, with hyper's client.
async fn get(handle: Handle, reactor: ReactorHandle) -> Outcome {
    let address = serve_one_page(&handle, &reactor)?;
    let stream = TcpStream::connect(&reactor, address).await?;
    let (mut requests, connection) = client::handshake(HyperIo::new(stream)).await?;
    drop(handle.spawn(connection));
    let request = Request::get("/").body(Empty::<Bytes>::new())?;
    let response = requests.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok(format!("{status}, {:?}", String::from_utf8_lossy(&body)))
}
// ANCHOR_END: get

/// Starts a server for one connection, and returns its address.
fn serve_one_page(handle: &Handle, reactor: &ReactorHandle) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(reactor, ([127, 0, 0, 1], 0).into())?;
    let address = listener.local_addr()?;
    drop(handle.spawn(async move {
        let (stream, _) = listener.accept().await?;
        let page = service_fn(async |_request| {
            Ok::<_, Infallible>(Response::new("Welcome home!".to_owned()))
        });
        let connection = server::Builder::new().serve_connection(HyperIo::new(stream), page);
        Outcome::Ok(connection.await?)
    }));
    Ok(address)
}

/// Runs this on a loop of its own, and prints what came of it.
fn on_the_loop(
    name: &str,
    library: impl AsyncFnOnce(Handle, ReactorHandle) -> Outcome,
) -> io::Result<()> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let future = library(event_loop.handle(), event_loop.driver().handle());
    let ran = catch_unwind(AssertUnwindSafe(|| event_loop.block_on(future)));
    match ran {
        Ok(Ok(output)) => println!("{name:24} {output}"),
        Ok(Err(error)) => println!("{name:24} fails: {error}"),
        Err(panic) => println!("{name:24} panics: {}", panic_message(&*panic)),
    }
    Ok(())
}
