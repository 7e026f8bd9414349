//! WebSocket over TLS, with tungstenite and with Python's `websockets` as clients.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use async_tungstenite::tungstenite::Message;
use async_tungstenite::{accept_async, client_async};
use event_loop::EventLoop;
use futures::StreamExt;
use futures::future::join;
use futures::io::{AsyncRead, AsyncWrite};
use reactor::{Reactor, TcpListener, TcpStream};
use tempfile::TempDir;
use world::tls::{Authority, Validity, accept, acceptor, connect, connector};

use super::LIMIT;
use crate::websocket::python::python;

async fn echoes(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut socket = accept_async(stream).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            socket.send(message).await.unwrap();
        }
    }
}

#[test]
fn a_websocket_runs_over_tls_unchanged() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let authority = Authority::new("ours");
    let identity = authority.issue("localhost", Validity::Valid);
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let serves = async {
            let (stream, _) = listener.accept().await.unwrap();
            echoes(
                accept(&acceptor(&identity, &[]), stream, &handle, LIMIT)
                    .await
                    .unwrap(),
            )
            .await;
        };
        let asks = async {
            let stream = TcpStream::connect(&reactor, address).await.unwrap();
            let connector = connector(authority.roots());
            let stream = connect(&connector, "localhost", stream).await.unwrap();
            let (mut socket, _) = client_async("wss://localhost/", stream).await.unwrap();
            socket.send(Message::text("зима")).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("зима"));
            socket.close(None).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap(), Message::Close(None));
        };
        join(serves, asks).await;
    });
}

const CLIENT: &str = r#"
import ssl, sys
from websockets.sync.client import connect
context = ssl.create_default_context(cafile=sys.argv[2])
with connect(sys.argv[1], ssl=context, server_hostname="localhost") as socket:
    socket.send("зима")
    print(socket.recv())
"#;

#[test]
fn a_client_in_python_talks_over_tls() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().unwrap();
    let authority = Authority::new("ours");
    let file = folder.path().join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    let identity = authority.issue("localhost", Validity::Valid);
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("wss://{}/", listener.local_addr().unwrap());
        let mut client = Command::new(python)
            .args(["-c", CLIENT, &url])
            .arg(&file)
            .env("PYTHONIOENCODING", "utf-8")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        echoes(
            accept(&acceptor(&identity, &[]), stream, &handle, LIMIT)
                .await
                .unwrap(),
        )
        .await;
        let mut printed = String::new();
        client
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut printed)
            .unwrap();
        assert_eq!(printed.trim(), "зима");
        assert!(client.wait().unwrap().success());
    });
}
