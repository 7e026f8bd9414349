//! Crates that read and write: through traits, or with sockets and files of their own.

use std::convert::Infallible;
use std::future::Future;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use async_compression::futures::bufread::{DeflateDecoder, DeflateEncoder};
use futures::io::{AsyncReadExt, AsyncWriteExt, BufReader, Cursor};
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, Response};
use reactor::{TcpListener, TcpStream};
use tokio_util::compat::FuturesAsyncReadCompatExt;
use world::hyper_rt::HyperIo;

use super::{Trying, World};

/// A pair of sockets.
async fn pair(world: &World) -> (TcpStream, TcpStream) {
    let any = "127.0.0.1:0".parse().expect("an address");
    let listener = TcpListener::bind(&world.reactor, any).expect("a port");
    let address = listener.local_addr().expect("an address");
    let client = TcpStream::connect(&world.reactor, address);
    let server = listener.accept();
    let (client, server) = futures::future::join(client, server).await;
    (client.expect("connected"), server.expect("accepted").0)
}

/// A server on a thread of its own, which answers one request of HTTP.
fn one_answer() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
        // The thread lives as long as the connection: the number of threads stays the same meanwhile.
        let _ = stream.read(&mut [0; 1]);
    });
    address
}

pub(super) fn async_compression(world: World) -> Trying {
    Box::pin(async move {
        let text = "twelve bytes ".repeat(1000);
        let (mut client, server) = pair(&world).await;
        let mut small = Vec::new();
        let mut encoder = DeflateEncoder::new(Cursor::new(text.as_bytes()));
        encoder.read_to_end(&mut small).await.expect("in memory");
        client.write_all(&small).await.expect("it fits");
        client.close().expect("the end");
        let mut read = String::new();
        let mut decoder = DeflateDecoder::new(BufReader::new(server));
        decoder.read_to_string(&mut read).await.expect("text");
        assert_eq!(read, text);
    })
}

pub(super) fn async_tungstenite(world: World) -> Trying {
    Box::pin(async move {
        let (client, server) = pair(&world).await;
        let client = async_tungstenite::client_async("ws://here/", client);
        let server = async_tungstenite::accept_async(server);
        let (client, server) = futures::future::join(client, server).await;
        let (mut client, mut server) = (client.expect("agreed").0, server.expect("agreed"));
        client.send("hello".into()).await.expect("sent");
        let message = server.next().await.expect("a message").expect("whole");
        assert_eq!(message.to_text().expect("text"), "hello");
    })
}

pub(super) fn futures_rustls(world: World) -> Trying {
    use futures_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
    use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
    Box::pin(async move {
        let made = rcgen::generate_simple_self_signed(["here".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let certificate = made.cert.der().clone();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).expect("it is valid");
        let server = ServerConfig::builder().with_no_client_auth();
        let server = server
            .with_single_cert(vec![certificate], key)
            .expect("they fit");
        let client = ClientConfig::builder().with_root_certificates(roots);
        let client = client.with_no_client_auth();
        let (here, there) = pair(&world).await;
        let name = ServerName::try_from("here").expect("a name");
        let connects = futures_rustls::TlsConnector::from(Arc::new(client)).connect(name, here);
        let accepts = futures_rustls::TlsAcceptor::from(Arc::new(server)).accept(there);
        let (client, server) = futures::future::join(connects, accepts).await;
        let (mut client, mut server) = (client.expect("agreed"), server.expect("agreed"));
        client.write_all(b"hello").await.expect("sent");
        client.flush().await.expect("sent");
        let mut read = [0; 5];
        server.read_exact(&mut read).await.expect("five bytes");
        assert_eq!(&read, b"hello");
    })
}

pub(super) fn tokio_util(world: World) -> Trying {
    use tokio_util::codec::{Framed, LinesCodec};
    Box::pin(async move {
        let (client, server) = pair(&world).await;
        let mut client = Framed::new(client.compat(), LinesCodec::new());
        let mut server = Framed::new(server.compat(), LinesCodec::new());
        client.send("hello").await.expect("sent");
        assert_eq!(
            server.next().await.expect("a line").expect("whole"),
            "hello"
        );
    })
}

pub(super) fn h2(world: World) -> Trying {
    Box::pin(async move {
        let (client, server) = pair(&world).await;
        drop(world.handle.spawn(async move {
            let mut connection = h2::server::handshake(server.compat())
                .await
                .expect("agreed");
            while let Some(Ok((_request, mut respond))) = connection.accept().await {
                respond
                    .send_response(Response::new(()), true)
                    .expect("sent");
            }
        }));
        let (mut requests, connection) = h2::client::handshake(client.compat())
            .await
            .expect("agreed");
        drop(world.handle.spawn(connection));
        let request = Request::get("http://here/").body(()).expect("a request");
        let (response, _) = requests.send_request(request, true).expect("sent");
        assert!(response.await.expect("an answer").status().is_success());
    })
}

/// Asks a server for a page, with hyper's client. The connection of the server is this task.
async fn asked<F>(world: &World, client: TcpStream, server: F) -> Bytes
where
    F: Future<Output = hyper::Result<()>> + 'static,
{
    drop(world.handle.spawn(server));
    let (mut requests, connection) = hyper::client::conn::http1::handshake(HyperIo::new(client))
        .await
        .expect("connected");
    drop(world.handle.spawn(connection));
    let request = Request::get("/").header("host", "here");
    let request = request.body(Empty::<Bytes>::new()).expect("a request");
    let response = requests.send_request(request).await.expect("an answer");
    response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes()
}

pub(super) fn hyper(world: World) -> Trying {
    Box::pin(async move {
        let (client, server) = pair(&world).await;
        let answer = hyper::service::service_fn(|_request| async {
            Ok::<_, Infallible>(Response::new("hello".to_owned()))
        });
        let builder = hyper::server::conn::http1::Builder::new();
        let server = builder.serve_connection(HyperIo::new(server), answer);
        assert_eq!(asked(&world, client, server).await, "hello");
    })
}

pub(super) fn axum(world: World) -> Trying {
    Box::pin(async move {
        let (client, server) = pair(&world).await;
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
        let service = hyper_util::service::TowerToHyperService::new(router);
        let builder = hyper::server::conn::http1::Builder::new();
        let server = builder.serve_connection(HyperIo::new(server), service);
        assert_eq!(asked(&world, client, server).await, "hello");
    })
}

pub(super) fn async_net(_world: World) -> Trying {
    Box::pin(async move {
        let listener = async_net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let client = async_net::TcpStream::connect(address);
        let (client, server) = futures::future::join(client, listener.accept()).await;
        let (mut client, mut server) = (client.expect("connected"), server.expect("accepted").0);
        client.write_all(b"hello").await.expect("sent");
        let mut read = [0; 5];
        server.read_exact(&mut read).await.expect("five bytes");
        assert_eq!(&read, b"hello");
    })
}

pub(super) fn async_fs(_world: World) -> Trying {
    Box::pin(async move {
        let read = async_fs::read(std::env::current_exe().expect("a path")).await;
        assert!(read.is_ok());
    })
}

pub(super) fn tokio_net(_world: World) -> Trying {
    Box::pin(async move {
        let bound = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        assert!(bound.is_ok());
    })
}

pub(super) fn tokio_fs(_world: World) -> Trying {
    Box::pin(async move {
        let read = tokio::fs::read(std::env::current_exe().expect("a path")).await;
        assert!(read.is_ok());
    })
}

pub(super) fn reqwest(_world: World) -> Trying {
    let url = format!("http://{}/", one_answer());
    Box::pin(async move {
        let response = reqwest::get(url).await.expect("an answer");
        assert_eq!(response.text().await.expect("a body"), "hello");
    })
}

pub(super) fn ureq(_world: World) -> Trying {
    let url = format!("http://{}/", one_answer());
    Box::pin(async move {
        let mut response = ureq::get(&url).call().expect("an answer");
        assert_eq!(
            response.body_mut().read_to_string().expect("a body"),
            "hello"
        );
    })
}
