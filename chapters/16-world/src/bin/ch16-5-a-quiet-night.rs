//! A feed with few messages, and a server that hangs up on clients from which it hears nothing.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::Message;
use async_tungstenite::tungstenite::protocol::Role;
use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::StreamExt;
use futures::future::{Either, select};
use synchronization::Mutex;
use world::duplex::{Duplex, duplex};
use world::websocket::listen;

const SECOND: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<Duplex>;

// ANCHOR: server
/// Sends one message after 5 s, and closes after 150 s. Hangs up if it hears nothing for 60 s.
async fn server(handle: Handle, mut socket: Socket) {
    let (morning, mut heard) = (handle.now() + 150 * SECOND, handle.now());
    let mut message = handle.now() + 5 * SECOND;
    loop {
        let next = message.min(morning).min(heard + 60 * SECOND);
        match select(socket.next(), handle.sleep_until(next)).await {
            Either::Left((None | Some(Err(_)), _)) => return,
            Either::Left((Some(Ok(got)), _)) => {
                heard = handle.now();
                if got.is_ping() {
                    say(&handle, "server", "a ping");
                }
            }
            Either::Right(_) if handle.now() >= morning => {
                say(&handle, "server", "closes");
                let _lost = socket.close(None).await;
                message = morning + 60 * SECOND;
            }
            Either::Right(_) if handle.now() >= message => {
                let _lost = socket.send(Message::text("good evening")).await;
                message = morning;
            }
            Either::Right(_) => return say(&handle, "server", "heard nothing for 60 s, hangs up"),
        }
    }
}
// ANCHOR_END: server

// ANCHOR: shared
/// Two futures share the socket, so a lock keeps them apart.
async fn shared(handle: Handle, socket: Socket) {
    let socket = Mutex::new(socket);
    let listener = async {
        while let Some(Ok(message)) = socket.lock().await.next().await {
            say(&handle, "client", &format!("{message}"));
        }
    };
    let pings = async {
        loop {
            handle.sleep(EVERY).await;
            let ping = Message::Ping(Vec::new().into());
            if socket.lock().await.send(ping).await.is_err() {
                return;
            }
        }
    };
    select(pin!(listener), pin!(pings)).await;
    say(&handle, "client", "the connection has ended");
}
// ANCHOR_END: shared

// ANCHOR: listens
/// Two halves of the socket, and no lock that is kept while a half waits.
async fn listens(handle: Handle, socket: Socket) {
    let told = Rc::new(handle.clone());
    let ended = listen(socket, &handle, EVERY, move |message| {
        say(&told, "client", &format!("{message}"));
    })
    .await;
    say(&handle, "client", &format!("{ended:?}"));
}
// ANCHOR_END: listens

fn say(handle: &Handle, who: &str, what: &str) {
    let at = handle.now().since_start().as_secs();
    println!("{at:>5} s  {who}  {what}");
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    println!("a lock around the socket:");
    night(shared);
    println!("two halves:");
    night(listens);
}

fn night<F: Future<Output = ()> + 'static>(client: impl FnOnce(Handle, Socket) -> F) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let (here, there) = duplex(1_024);
    event_loop.block_on(async {
        let here = WebSocketStream::from_raw_socket(here, Role::Client, None).await;
        let there = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
        let serves = handle.spawn(server(handle.clone(), there));
        client(handle.clone(), here).await;
        serves.await.expect("it does not panic");
    });
}
// ANCHOR_END: main
