//! A redis-server of the tests' own.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// Keeps nothing on the disk. Dropping it kills the process.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// `None` if it is not installed; the test is then skipped by name.
    pub(crate) fn start() -> Option<Server> {
        for _ in 0..20 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            let started = Command::new("redis-server")
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
                .args(["--save", "", "--appendonly", "no"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn();
            let mut child = match started {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    eprintln!("skipped: redis-server is not installed");
                    return None;
                }
                started => started.unwrap(),
            };
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            if lines.any(|line| line.unwrap().contains("eady to accept connections")) {
                // What it prints from now on has to go somewhere.
                std::thread::spawn(move || lines.for_each(drop));
                return Some(Server { child, port });
            }
            let _status = child.wait();
        }
        panic!("redis-server does not start here")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _status = self.child.wait();
    }
}
