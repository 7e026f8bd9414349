//! Who serves: how each peer is started, and what it lacks if it cannot be.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

/// A peer as it stands in the table.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    how: How,
}

enum How {
    /// The course's own server, with this number of workers and this loop.
    Ours(u32, &'static str),
    /// This program itself, as the peer of this name.
    Myself(&'static str),
    /// C, compiled here.
    C,
    /// A Python script, the module that it needs, and an argument.
    Python(&'static str, &'static str, &'static str),
}

/// Every contestant. The others are compared with the first.
pub(crate) const PEERS: [Peer; 17] = [
    Peer {
        name: "C epoll",
        how: How::C,
    },
    Peer {
        name: "this course, 1 worker",
        how: How::Ours(1, "reference"),
    },
    Peer {
        name: "this course, fast loop",
        how: How::Ours(1, "fast"),
    },
    Peer {
        name: "this course, green threads",
        how: How::Myself("green"),
    },
    Peer {
        name: "raw mio",
        how: How::Myself("mio"),
    },
    Peer {
        name: "tokio, current thread",
        how: How::Myself("tokio-current-thread"),
    },
    Peer {
        name: "tokio, 2 threads",
        how: How::Myself("tokio-multi-thread"),
    },
    Peer {
        name: "stealing, 2 workers",
        how: How::Myself("stealing"),
    },
    Peer {
        name: "this course, 2 workers",
        how: How::Ours(2, "reference"),
    },
    Peer {
        name: "smol, 1 thread",
        how: How::Myself("smol"),
    },
    Peer {
        name: "uvloop Protocol",
        how: How::Python("asyncio_protocol.py", "uvloop", "--uvloop"),
    },
    Peer {
        name: "uvloop streams",
        how: How::Python("asyncio_streams.py", "uvloop", "--uvloop"),
    },
    Peer {
        name: "asyncio Protocol",
        how: How::Python("asyncio_protocol.py", "asyncio", ""),
    },
    Peer {
        name: "asyncio streams",
        how: How::Python("asyncio_streams.py", "asyncio", ""),
    },
    Peer {
        name: "gevent",
        how: How::Python("gevent_echo.py", "gevent", ""),
    },
    Peer {
        name: "Twisted",
        how: How::Python("twisted_echo.py", "twisted", ""),
    },
    Peer {
        name: "curio",
        how: How::Python("curio_echo.py", "curio", ""),
    },
];

/// A peer that serves. Dropping it ends its process.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Peer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// Why it is not here: not installed, not compiled, or does not say where it listens.
    pub(crate) fn start(&self, workshop: &Path) -> anyhow::Result<Serving> {
        Serving::start(&mut self.command(workshop)?)
    }

    /// Starts it under valgrind, which counts its instructions outside the kernel until [`Serving::ended`].
    ///
    /// # Errors
    ///
    /// As [`start`](Peer::start); or if valgrind is not installed.
    pub(crate) fn start_counted(&self, workshop: &Path) -> anyhow::Result<Serving> {
        let served = self.command(workshop)?;
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(served.get_program())
            .args(served.get_args())
            .current_dir(workshop);
        Serving::start_with(&mut command, Stdio::piped())
    }

    fn command(&self, workshop: &Path) -> anyhow::Result<Command> {
        let mut command = match self.how {
            How::Ours(workers, which) => {
                let mut command = Command::new(ours()?);
                command.args(["--listen", "127.0.0.1:0", "--workers", &workers.to_string()]);
                command.args(["--loop", which]);
                command
            }
            How::Myself(name) => {
                let mut command = Command::new(env::current_exe()?);
                command.args(["serve", name]);
                command
            }
            How::C => Command::new(compiled(workshop)?),
            How::Python(script, module, argument) => {
                let installed = Command::new("python3")
                    .args(["-c", &format!("import {module}")])
                    .stderr(Stdio::null())
                    .status();
                if !installed.context("python3 is not installed")?.success() {
                    bail!("{module} is not installed: python3 -m pip install {module}");
                }
                let mut command = Command::new("python3");
                command.arg(peers().join(script));
                if !argument.is_empty() {
                    command.arg(argument);
                }
                command
            }
        };
        command.current_dir(workshop);
        Ok(command)
    }
}

impl Serving {
    /// Starts a server that says on its first line where it listens.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or says something else.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Serving> {
        Serving::start_with(command, Stdio::null())
    }

    fn start_with(command: &mut Command, errors: Stdio) -> anyhow::Result<Serving> {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors);
        let mut child = command.spawn().context("cannot be started")?;
        let output = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ");
        let Some(address) = address.and_then(|address| address.parse().ok()) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("does not say where it listens, but “{}”", line.trim());
        };
        Ok(Serving { child, address })
    }

    /// Asks it to end, and returns what it has written to standard error, if that is piped.
    pub(crate) fn ended(mut self) -> anyhow::Result<String> {
        super::system_calls::terminate(self.child.id());
        let mut text = String::new();
        if let Some(mut errors) = self.child.stderr.take() {
            errors.read_to_string(&mut text)?;
        }
        Ok(text)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of the peers in other languages.
pub(crate) fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// The course's server, built as this program was, and found beside it.
fn ours() -> anyhow::Result<PathBuf> {
    let name = "chapter-15-echo-server";
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--release", "--package", name])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .context("cargo is not installed")?;
    if !status.success() {
        bail!("does not compile");
    }
    let program = env::current_exe()?.with_file_name(name);
    Ok(program.with_extension(env::consts::EXE_EXTENSION))
}

fn compiled(workshop: &Path) -> anyhow::Result<PathBuf> {
    let program = workshop.join("epoll");
    let status = Command::new("cc")
        .args(["-O2", "-o"])
        .arg(&program)
        .arg(peers().join("epoll.c"))
        .stderr(Stdio::null())
        .status()
        .context("cc is not installed")?;
    if !status.success() {
        bail!("does not compile here: it needs Linux");
    }
    Ok(program)
}
