//! One request through hyper on one loop: three tasks, and a handler that takes 10 ms.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Request, Response};
use world::duplex::{Duplex, duplex};
use world::hyper_rt::HyperIo;

const TEN_MILLIS: Duration = Duration::from_millis(10);

fn main() -> Result<(), Box<dyn Error>> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(ask(event_loop.handle()))
}

// ANCHOR: request
/// Asks for a page. Two tasks carry the bytes: one for each end of the connection.
pub(crate) async fn ask(handle: Handle) -> Result<(), Box<dyn Error>> {
    let (here, there) = duplex(4_096);
    let served = handle.spawn(serve(there, handle.clone()));
    let (mut requests, connection) = client::handshake(HyperIo::new(here)).await?;
    let carried = handle.spawn(async move {
        connection.await?;
        println!("the client's end is closed");
        hyper::Result::Ok(())
    });
    println!("asks GET /");
    let request = Request::get("/").body(Empty::<Bytes>::new())?;
    let response = requests.send_request(request).await?;
    println!("is told {}", response.status());
    let body = response.into_body().collect().await?.to_bytes();
    println!("has read {:?}", String::from_utf8_lossy(&body));
    drop(requests);
    carried.await??;
    Ok(served.await??)
}

/// Serves one connection.
async fn serve(stream: Duplex, handle: Handle) -> hyper::Result<()> {
    let handler = move |_request: Request<Incoming>| {
        let handle = handle.clone();
        async move {
            println!("the handler begins");
            handle.sleep(TEN_MILLIS).await;
            println!("the handler answers");
            Ok::<_, Infallible>(Response::new("Welcome home!".to_owned()))
        }
    };
    let connection = HyperIo::new(stream);
    server::Builder::new()
        .serve_connection(connection, service_fn(handler))
        .await
}
// ANCHOR_END: request
