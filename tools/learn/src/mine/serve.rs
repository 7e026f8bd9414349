//! The echo server on the learner's parts, and the client that tries it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::{Context as _, Result, bail};

use crate::judging::compile::How;
use crate::judging::group::Group;
use crate::judging::process::{self, End};
use crate::mine::assembly::Assembly;
use crate::mine::build;
use crate::mine::client::Report;
use crate::stop::{Stop, Stopped};
use course::course::Course;

/// The package of the echo server.
pub const PACKAGE: &str = "chapter-15-echo-server";

/// How long the server may take to say where it listens, and to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the client may take. It has a deadline of its own, which comes earlier.
const CLIENT: Duration = Duration::from_secs(90);

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Served {
    /// What the client found.
    pub report: Report,
    /// The last line that the server printed.
    pub last_line: String,
}

/// Whether this version of the course has the server.
#[must_use]
pub fn is_there(course: &Course) -> bool {
    let folder = PACKAGE.trim_start_matches("chapter-");
    course
        .root
        .join("chapters")
        .join(folder)
        .join("Cargo.toml")
        .is_file()
}

/// Builds the server on the assembled runtime.
///
/// # Errors
///
/// If it does not compile, though its tests did.
pub fn build(
    course: &Course,
    assembly: &Assembly,
    stop: &Stop,
    on_crate: Arc<dyn Fn(&str) + Send + Sync>,
) -> Result<std::path::PathBuf> {
    let how = How {
        colour: false,
        stop,
        on_crate,
    };
    build::release(course, assembly, PACKAGE, &how)
}

/// Runs a server that says `listening on ADDR`, and has the client open `connections` to it.
///
/// # Errors
///
/// If one of the two cannot be started, the server does not say where it listens, or [`Stopped`].
pub fn run(server: &Path, connections: usize, stop: &Stop) -> Result<Served> {
    let running = Server::start(server)?;
    let address = running.address(stop)?;
    let report = client(address, connections, stop)?;
    let last_line = running.end();
    Ok(Served { report, last_line })
}

/// The client is a process of its own, because it needs as many descriptors as the server.
fn client(address: SocketAddr, connections: usize, stop: &Stop) -> Result<Report> {
    let own = std::env::current_exe().context("this program does not know its own place")?;
    let mut command = with_all_descriptors(&own);
    command
        .args(["echo-client", &address.to_string()])
        .args(["--connections", &connections.to_string()]);
    let ran = process::run(command, Instant::now() + CLIENT, stop)
        .context("the client cannot be started")?;
    match ran.end {
        End::Stopped => Err(Stopped.into()),
        End::TimedOut => bail!(
            "The client did not come to its end within {} s.",
            CLIENT.as_secs()
        ),
        End::Exited(_) => serde_json::from_str(&ran.stdout)
            .with_context(|| format!("the client said no more than: {}", ran.stderr.trim())),
    }
}

/// A program that may have as many descriptors as this user may give it.
fn with_all_descriptors(program: &Path) -> Command {
    if cfg!(unix) {
        let mut command = Command::new("/bin/sh");
        let script = "ulimit -n \"$(ulimit -H -n)\" 2>/dev/null || ulimit -n 10240 2>/dev/null; \
                      exec \"$0\" \"$@\"";
        command.arg("-c").arg(script).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// The tests of chapter 15 read the same variable, so that tests and server run on one loop.
fn loop_of_choice() -> Vec<String> {
    let chosen = std::env::var("ECHO_LOOP");
    chosen.map_or(Vec::new(), |chosen| vec!["--loop".to_owned(), chosen])
}

/// A server that is running. Nothing of it survives the end of this value.
struct Server {
    child: Group,
    lines: mpsc::Receiver<String>,
}

impl Server {
    fn start(program: &Path) -> Result<Server> {
        let mut command = with_all_descriptors(program);
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(loop_of_choice())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = Group::spawn(command).context("the echo server cannot be started")?;
        let (sender, lines) = mpsc::channel();
        let stdout = child.take_stdout().expect("it was asked for");
        thread::spawn(move || {
            for line in io::BufRead::lines(io::BufReader::new(stdout)).map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Server { child, lines })
    }

    /// Where it listens, which is the first thing that it says.
    fn address(&self, stop: &Stop) -> Result<SocketAddr> {
        const LOOK: Duration = Duration::from_millis(20);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if stop.asked() {
                return Err(Stopped.into());
            }
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    let address = line
                        .strip_prefix("listening on ")
                        .and_then(|text| text.trim().parse().ok());
                    return address.with_context(|| {
                        format!("the echo server should first say `listening on ADDR`, and said `{line}`")
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("The echo server ended before it said where it listens.")
                }
            }
        }
        bail!(
            "The echo server did not say within {} s where it listens.",
            PATIENCE.as_secs()
        )
    }

    /// Asks it to end, where there is a way to ask, and gives the last line that it printed.
    fn end(mut self) -> String {
        #[cfg(unix)]
        {
            self.child.terminate();
            let until = Instant::now() + PATIENCE;
            while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(5));
            }
        }
        self.child.end();
        let mut last = String::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
            last = line;
        }
        last
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.end();
    }
}
