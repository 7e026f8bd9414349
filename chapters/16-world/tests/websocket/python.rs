//! Python's `websockets` at the other end. Where it is not installed the tests say so, and are skipped.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use async_tungstenite::{accept_async, client_async};
use event_loop::EventLoop;
use futures::StreamExt;

use reactor::{Reactor, TcpListener, TcpStream};
use world::sans_io::{Connection, Event, Message, Role, Settings, on_a_loop};
use world::websocket::{Ended, listen};

/// A Python that has `websockets`: the one that `.ci/python` makes, or the system's.
pub(crate) fn python() -> Option<String> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let candidates = [made.display().to_string(), "python3".to_owned()];
    let has_it = |python: &String| {
        let imports = "import websockets.sync.server";
        let run = Command::new(python)
            .args(["-c", imports])
            .stderr(Stdio::null())
            .status();
        run.is_ok_and(|status| status.success())
    };
    let found = candidates.into_iter().find(has_it);
    if found.is_none() {
        eprintln!(
            "skipped: Python's websockets (13 or newer) is not installed. `.ci/python` installs it below target."
        );
    }
    found
}

/// A client: text in parts, bytes, a ping of its own, and a close with a code.
const CLIENT: &str = r#"
import sys
from websockets.sync.client import connect
with connect(sys.argv[1], compression=None) as socket:
    socket.send(["зи", "ма"])
    assert socket.recv() == "зима"
    assert socket.ping().wait(20)
    socket.send(b"\0" * 100_000)
    assert socket.recv() == b"\0" * 100_000
    socket.close(code=3000)
print(socket.protocol.close_rcvd.code)
"#;

/// A server: greets, then closes with a code when a line comes on its standard input.
const SERVER: &str = r#"
import sys, threading
from websockets.sync.server import serve
clients = []
def handler(socket):
    clients.append(socket)
    socket.send("hello")
    for _ in socket:
        pass
with serve(handler, "127.0.0.1", 0, ping_interval=0.05) as server:
    print(server.socket.getsockname()[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.readline()
    for socket in clients:
        socket.close(code=1001)
"#;

struct Running {
    child: Child,
    input: ChildStdin,
    first: String,
}

impl Running {
    fn start(python: &str, program: &str, argument: &str) -> Running {
        let mut child = Command::new(python)
            .args(["-c", program, argument])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        Running {
            child,
            input,
            first: String::new(),
        }
    }

    /// The line that it prints first, or the next.
    fn line(&mut self) -> String {
        let mut output = BufReader::new(self.child.stdout.as_mut().unwrap());
        self.first.clear();
        output.read_line(&mut self.first).unwrap();
        self.first.trim().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

#[test]
fn a_client_in_python_talks_to_tungstenite_on_the_loop() {
    let Some(python) = python() else { return };
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = Running::start(&python, CLIENT, &format!("ws://{address}/"));
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() || message.is_binary() {
                socket.send(message).await.unwrap();
            }
        }
        drop(socket);
        assert_eq!(client.line(), "3000", "the code came back");
        assert!(client.child.wait().unwrap().success());
    });
}

#[test]
fn a_client_in_python_talks_to_the_core_on_the_loop() {
    let Some(python) = python() else { return };
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = Running::start(&python, CLIENT, &format!("ws://{address}/"));
        let (stream, _) = listener.accept().await.unwrap();
        // The opening handshake is tungstenite's; the frames are the core's.
        let mut stream = accept_async(stream).await.unwrap().into_inner();
        let settings = Settings {
            role: Role::Server,
            limit: 200_000,
            patience: Duration::from_secs(20),
        };
        let (mut connection, mut events) = (Connection::new(settings, handle.now()), Vec::new());
        let served = on_a_loop::drive(
            &mut stream,
            &handle,
            &mut connection,
            |event, connection| {
                if let Event::Message(message) = &event {
                    connection.send(message.clone()).unwrap();
                }
                events.push(event);
            },
        );
        served.await.unwrap();
        drop(stream);
        assert_eq!(client.line(), "3000", "the code came back");
        let text = Event::Message(Message::Text("зима".to_owned()));
        let bytes = Event::Message(Message::Binary(vec![0; 100_000]));
        assert_eq!(events, [text, bytes, Event::Closed(Some(3000))]);
    });
}

#[test]
fn the_client_listens_to_a_server_in_python_that_pings_it_and_closes() {
    let Some(python) = python() else { return };
    let mut server = Running::start(&python, SERVER, "");
    let port: u16 = server.line().parse().unwrap();
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let stream = TcpStream::connect(&reactor, address).await.unwrap();
        let (socket, _) = client_async(format!("ws://{address}/"), stream)
            .await
            .unwrap();
        let mut heard = Vec::new();
        let ended = listen(socket, &handle, Duration::from_secs(20), |message| {
            heard.push(message.to_string());
            server.input.write_all(b"close\n").unwrap();
        })
        .await;
        assert!(matches!(ended, Ended::Closed(Some(1001))), "{ended:?}");
        assert_eq!(heard, ["hello"]);
        assert!(server.child.wait().unwrap().success());
    });
}
