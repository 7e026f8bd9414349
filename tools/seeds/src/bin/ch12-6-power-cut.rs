//! A client waits for an answer, and its server is killed, or loses power.

use std::io;
use std::time::Duration;

use event_loop::{EventLoop, Handle};
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::{Host, SimNet};

// ANCHOR: serve
/// A server that accepts a request, and needs longer than a day for the answer.
async fn serve(host: Host, handle: Handle) {
    let listener = host.listen(7777).expect("the port is free");
    let (mut stream, _) = listener.accept().await.expect("a client comes");
    let mut request = [0; 8];
    let _ = stream.read_exact(&mut request).await;
    handle.sleep(2 * DAY).await;
}
// ANCHOR_END: serve

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

// ANCHOR: ask
/// Sends a request, waits a second, and lets something happen to the server.
async fn ask(net: &SimNet, handle: &Handle, happens: impl FnOnce(&Host)) -> io::Result<String> {
    let (server, client) = (net.host("server"), net.host("client"));
    server.spawn(handle, serve(server.clone(), handle.clone()));
    let mut stream = client.connect(server.address(7777)).await?;
    stream.write_all(b"request\n").await?;
    handle.sleep(SECOND).await;
    happens(&server);
    answer(&mut stream, handle).await
}

/// Waits for the answer, a day at most.
async fn answer(stream: &mut simnet::Stream, handle: &Handle) -> io::Result<String> {
    let before = handle.now();
    let mut bytes = [0; 8];
    let read = select(stream.read(&mut bytes), handle.sleep(DAY)).await;
    let waited = handle.now().saturating_since(before);
    Ok(match read {
        Either::Left((Ok(_), _)) => format!("after {waited:?}: the server's end"),
        Either::Left((Err(error), _)) => format!("after {waited:?}: {error}"),
        Either::Right(_) => format!("after {waited:?}: nothing"),
    })
}
// ANCHOR_END: ask

// ANCHOR: main
fn main() -> io::Result<()> {
    let net = SimNet::new(1);
    let event_loop = EventLoop::with_driver(net.clone());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let killed = ask(&net, &handle, |server| server.kill()).await?;
        println!("the program is killed    {killed}");
        let off = ask(&net, &handle, |server| server.power_off()).await?;
        println!("the host loses power     {off}");
        let sends = ask_again(&net, &handle).await?;
        println!("…and the client asks on  {sends}");
        Ok(())
    })
}
// ANCHOR_END: main

async fn ask_again(net: &SimNet, handle: &Handle) -> io::Result<String> {
    let (server, client) = (net.host("server"), net.host("client"));
    server.spawn(handle, serve(server.clone(), handle.clone()));
    let mut stream = client.connect(server.address(7777)).await?;
    handle.sleep(SECOND).await;
    server.power_off();
    // The kernel takes it: the send buffer has room.
    stream.write_all(b"are you there?\n").await?;
    answer(&mut stream, handle).await
}
