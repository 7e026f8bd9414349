//! A PostgreSQL server of the tests' own: its data in a folder of its own, its port from the kernel.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};

use rustix::process::{Pid, Signal, geteuid, kill_process};

pub(crate) const USER: &str = "course";
pub(crate) const PASSWORD: &str = "from yield to await";
/// The user `nobody` of every Unix: PostgreSQL refuses root.
const NOBODY: u32 = 65_534;

/// A server that is shut down, and its folder removed, when this is dropped.
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    child: Mutex<Option<Child>>,
}

impl Server {
    /// The server that the tests share while any of them uses it. `None` if PostgreSQL is not installed; the test is
    /// then skipped by name.
    pub(crate) fn shared() -> Option<Arc<Server>> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap();
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Server::start()?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A server for one test alone, which may kill it.
    pub(crate) fn start() -> Option<Server> {
        Server::start_with(&[], &[])
    }

    /// A server with these files in its folder, which only it can read, and these settings.
    pub(crate) fn start_with(files: &[(&str, String)], settings: &[&str]) -> Option<Server> {
        let Some(programs) = programs() else {
            eprintln!("skipped: postgresql is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap().keep();
        let server = Server {
            programs,
            port: free_port(),
            child: Mutex::default(),
            settings: settings
                .iter()
                .map(|setting| (*setting).to_owned())
                .collect(),
            folder,
        };
        server.create();
        for (name, text) in files {
            Server::write(&server.folder.join("data").join(name), text);
        }
        server.run();
        Some(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Kills the server without any farewell, and starts it again on the same data and the same port.
    pub(crate) fn kill_and_restart(&self) {
        let mut child = self.child.lock().unwrap().take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
        self.run();
    }

    fn create(&self) {
        give(&self.folder);
        let password = self.folder.join("password");
        Server::write(&password, PASSWORD);
        let output = self
            .command("initdb")
            .args(["--auth=scram-sha-256", "--no-sync", "--encoding=UTF8"])
            .args(["--locale=C", "--username", USER, "--pgdata"])
            .arg(self.folder.join("data"))
            .arg("--pwfile")
            .arg(&password)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Writes a file that only the server's user can read.
    fn write(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        give(path);
    }

    /// Returns when it accepts connections. Processes of a server that was killed may still have its memory; it is
    /// started again until they are gone.
    fn run(&self) {
        for _ in 0..200 {
            let mut child = self
                .command("postgres")
                .arg("-D")
                .arg(self.folder.join("data"))
                .args(["-p", &self.port.to_string()])
                .args(["-c", "listen_addresses=127.0.0.1"])
                .args(["-c", "unix_socket_directories="])
                .args(["-c", "fsync=off", "-c", "max_connections=50"])
                .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
            if lines.any(|line| line.unwrap().contains("ready to accept connections")) {
                // What it prints from now on has to go somewhere.
                std::thread::spawn(move || lines.for_each(drop));
                *self.child.lock().unwrap() = Some(child);
                return;
            }
            child.wait().unwrap();
        }
        panic!("postgres does not start here")
    }

    /// A program of PostgreSQL, without the rights of root.
    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let mut command = if geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", &NOBODY.to_string()])
                .args(["--regid", &NOBODY.to_string(), "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            let pid = Pid::from_child(&child);
            // SIGQUIT: it ends its processes, and does not wait for their connections.
            let _sent = kill_process(pid, Signal::QUIT);
            let _status = child.wait();
        }
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

/// Root's files become those of the server's user.
fn give(path: &Path) {
    if geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// The folder with `initdb` and `postgres`: one of the path, or where Debian has it.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.flatten().map(|entry| entry.path().join("bin"));
    let has_both = |folder: &Path| {
        ["initdb", "postgres"]
            .iter()
            .all(|name| folder.join(name).exists())
    };
    std::env::split_paths(&path)
        .chain(debian)
        .find(|folder| has_both(folder))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
