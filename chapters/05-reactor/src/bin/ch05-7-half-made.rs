//! A session that exists before its handshake is done, and three callers that get hold of it.

use std::io::{self, ErrorKind};
use std::pin::pin;

use event_loop::{EventLoop, yield_now};
use futures::channel::oneshot;
use futures::future::{Either, join, select, try_join};
use futures::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use reactor::{Reactor, TcpListener, TcpStream};

// ANCHOR: session
struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    fn new(stream: TcpStream) -> Session {
        let stream = BufReader::new(stream);
        Session { stream }
    }

    /// Call this first, and only once.
    async fn init(&mut self, name: &str) -> io::Result<()> {
        if self.line().await? != "name?" {
            return Err(ErrorKind::InvalidData.into());
        }
        self.send(name).await?;
        match self.line().await?.as_str() {
            "welcome" => Ok(()),
            _ => Err(ErrorKind::PermissionDenied.into()),
        }
    }

    async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.send(question).await?;
        self.line().await
    }
    // ANCHOR_END: session

    async fn send(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\n");
        self.stream.get_mut().write_all(line.as_bytes()).await
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

// ANCHOR: callers
async fn forgets(stream: TcpStream) {
    let mut session = Session::new(stream);
    let answer = session.ask("how many?").await;
    println!("forgotten  ask → {answer:?}");
}

async fn ignores(stream: TcpStream) {
    let mut session = Session::new(stream);
    let initialized = session.init("bob").await;
    println!(
        "ignored    init → {:?}",
        initialized.map_err(|error| error.kind())
    );
    let answer = session.ask("how many?").await;
    println!(
        "           ask → {:?}",
        answer.map_err(|error| error.kind())
    );
}

async fn gives_up(stream: TcpStream, time_out: oneshot::Receiver<()>) {
    let mut session = Session::new(stream);
    if let Either::Right(_) = select(pin!(session.init("ada")), time_out).await {
        println!("dropped    init, in the middle");
    }
    let again = session.init("ada").await;
    println!(
        "           init again → {:?}",
        again.map_err(|error| error.kind())
    );
}
// ANCHOR_END: callers

/// The other end: greets, reads a name, says who is welcome, and returns the name. Between the name
/// and the verdict it runs `then`, which stands for the time that the verdict takes.
async fn serve(stream: TcpStream, then: impl AsyncFnOnce()) -> io::Result<String> {
    let mut reader = BufReader::new(&stream);
    let mut name = String::new();
    (&stream).write_all(b"name?\n").await?;
    reader.read_line(&mut name).await?;
    then().await;
    let verdict: &[u8] = if name == "ada\n" {
        b"welcome\n"
    } else {
        b"no\n"
    };
    // Errors from here on say only that the client is gone, and one of the clients leaves early.
    if (&stream).write_all(verdict).await.is_ok() && stream.close().is_ok() {
        let _ = reader.read_to_end(&mut Vec::new()).await;
    }
    Ok(name)
}

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
        let address = listener.local_addr()?;
        let connection = async || {
            let (client, (server, _)) =
                try_join(TcpStream::connect(&reactor, address), listener.accept()).await?;
            io::Result::Ok((client, server))
        };

        let (client, server) = connection().await?;
        let (_, name) = join(forgets(client), serve(server, async || {})).await;
        println!(
            "           the server was told the name {:?}",
            name?.trim_end()
        );

        let (client, server) = connection().await?;
        join(ignores(client), serve(server, async || {})).await.1?;

        let (client, server) = connection().await?;
        let (fires, time_out) = oneshot::channel();
        // The time-out fires while the server decides. One yield lets the client act on it first.
        let server = serve(server, async move || {
            fires.send(()).expect("the client waits for it");
            yield_now().await;
        });
        join(gives_up(client, time_out), server).await.1?;
        Ok(())
    })
}
