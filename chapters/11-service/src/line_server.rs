//! A server with a queue of numbered messages, to be killed: what it was told survives in a file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{self, Child, Command, Stdio};
use std::thread;

// ANCHOR: serve
/// Serves the messages from 1 to `count`, one at a time, to one client after another. A message that a client has
/// told to be done is written to the file `done` and never sent again, by this process or a later one. Returns when all
/// messages are done.
///
/// It reads lines `DONE number` and `PING`, and writes lines `number text`, `PONG` and at last `END`.
///
/// # Errors
///
/// If it cannot listen, or cannot write the file.
pub fn serve(listener: &TcpListener, count: u64, done: &Path) -> io::Result<()> {
    loop {
        let (client, _address) = listener.accept()?;
        // A client that is gone is no error of the server.
        if let Ok(true) = talk(&client, count, done) {
            return Ok(());
        }
    }
}

/// Returns whether all messages are done.
fn talk(mut client: &TcpStream, count: u64, done: &Path) -> io::Result<bool> {
    let mut file = File::options().create(true).append(true).open(done)?;
    let known = numbers_in(done)?;
    let mut left = (1..=count).filter(|number| !known.contains(number));
    let mut sent = left.next();
    let mut lines = BufReader::new(client).lines();
    while let Some(number) = sent {
        client.write_all(format!("{number} message {number}\n").as_bytes())?;
        loop {
            let line = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
            if line == "PING" {
                client.write_all(b"PONG\n")?;
            } else if line == format!("DONE {number}") {
                break;
            }
        }
        // In one call: a process that is killed has written the whole line, or nothing.
        file.write_all(format!("{number}\n").as_bytes())?;
        sent = left.next();
    }
    client.write_all(b"END\n")?;
    // The client closes first. To close with a ping unread would reset the connection.
    lines.for_each(drop);
    Ok(true)
}
// ANCHOR_END: serve

/// The server in a process of its own. Dropping it kills the process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts `program serve PORT COUNT DONE`, and waits until it listens. The port 0 lets the kernel choose.
    ///
    /// # Errors
    ///
    /// If the program does not start, or does not listen.
    pub fn start(program: &Path, port: u16, count: u64, done: &Path) -> io::Result<Process> {
        let mut child = Command::new(program)
            .args(["serve", &port.to_string(), &count.to_string()])
            .arg(done)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line)?;
        let port = line.trim_end().parse().map_err(io::Error::other)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Process { child, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it (SIGKILL on Unix), and waits until it has ended: none of its code runs any more.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// What the program does that [`Process::start`] has started: prints its port, and serves. It ends when its standard input does, so
/// it does not outlive the process that has started it.
///
/// # Errors
///
/// If an argument is missing, and as [`serve`].
pub fn main(arguments: &[String]) -> io::Result<()> {
    let [port, count, done] = arguments else {
        return Err(io::Error::other("serve PORT COUNT DONE"));
    };
    let number = |text: &String| text.parse::<u64>().map_err(io::Error::other);
    let port = u16::try_from(number(port)?).map_err(io::Error::other)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    thread::spawn(|| {
        io::stdin().lines().for_each(drop);
        process::exit(0);
    });
    println!("{}", listener.local_addr()?.port());
    serve(&listener, number(count)?, Path::new(done))
}

/// The numbers in the file. The last line has no end if the process was killed while it wrote it, and does not count.
///
/// # Errors
///
/// If the file cannot be read.
pub fn numbers_in(done: &Path) -> io::Result<BTreeSet<u64>> {
    let text = fs::read_to_string(done)?;
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    Ok(whole
        .filter_map(|line| line.trim_end().parse().ok())
        .collect())
}
