//! The program `ch16-web` and curl, a client that is not ours. Where curl is not installed, the test says so and is skipped.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::SIGHUP;
use signal_hook::flag::register_conditional_default;
use tempfile::TempDir;

use super::started::files;

/// Has the processes that this one starts hear SIGHUP, as they do in a terminal.
///
/// Under `nohup` a process starts with that signal ignored, and so do all that it starts, and the server leaves it ignored. A handler
/// does not outlive `exec`: what a process with one starts begins with the default. This handler does what the default does.
fn children_hear_hangups() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let always = Arc::new(AtomicBool::new(true));
        register_conditional_default(SIGHUP, always).unwrap();
    });
}

/// A server that runs. Dropping it kills the process.
pub(super) struct Web {
    child: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

impl Web {
    pub(super) fn start(options: &[&str]) -> Web {
        children_hear_hangups();
        let mut child = Command::new(env!("CARGO_BIN_EXE_ch16-web"))
            .args(["--listen", "127.0.0.1:0"])
            .arg("--files")
            .arg(files())
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut web = Web {
            child,
            output,
            url: String::new(),
        };
        let line = web.line();
        line.strip_prefix("listening on ")
            .unwrap()
            .clone_into(&mut web.url);
        web
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// The URL of this path.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn address(&self) -> SocketAddr {
        self.url.rsplit('/').next().unwrap().parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).unwrap();
    }

    /// What curl prints. `None` if it is not installed.
    fn curl(&self, options: &[&str], path: &str) -> Option<String> {
        let url = format!("{}{path}", self.url);
        let run = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "60"])
            .args(options)
            .arg(url)
            .output();
        match run {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                eprintln!("skipped: curl is not installed (Debian: apt-get install curl)");
                None
            }
            run => Some(printed(run.unwrap())),
        }
    }

    /// Sends SIGTERM, and waits.
    pub(super) fn terminate(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.child.wait().unwrap().code()
    }
}

fn printed(run: Output) -> String {
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    String::from_utf8(run.stdout).unwrap()
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn curl_gets_what_the_site_has_and_sigterm_ends_the_server_with_status_0() {
    for options in [&["--workers", "1"][..], &["--workers", "3"]] {
        let web = Web::start(options);
        let Some(home) = web.curl(&[], "/") else {
            return;
        };
        assert_eq!(home, "Welcome home!\n");
        let hello = web.curl(&[], "/hello/Ada%20L").unwrap();
        assert_eq!(hello, "Hello, Ada L!\n");
        let file = web.curl(&[], "/static/site.rs").unwrap();
        assert_eq!(file, fs::read_to_string(files().join("site.rs")).unwrap());
        let head = web.curl(&["--head"], "/static/site.rs").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", file.len())),
            "{head}"
        );
        let missing = web
            .curl(&["--path-as-is"], "/static/../Cargo.toml")
            .unwrap();
        assert_eq!(missing, "404 Not Found\n");
        assert_eq!(web.terminate(), Some(0));
    }
}

#[test]
fn curl_speaks_http_2_to_the_same_port() {
    let web = Web::start(&[]);
    let two = ["--http2-prior-knowledge", "--write-out", "%{http_version}"];
    let Some(answer) = web.curl(&two, "/hello/Ada") else {
        return;
    };
    assert_eq!(answer, "Hello, Ada!\n2");
    let note = ["--http2-prior-knowledge", "--data", r#"{"text":"hi"}"#];
    assert_eq!(web.curl(&note, "/notes").unwrap(), "/notes/1\n");
    assert_eq!(web.curl(&[], "/notes/1").unwrap(), r#"{"text":"hi"}"#);
}

#[test]
fn curl_sends_a_second_request_on_the_same_connection() {
    let web = Web::start(&[]);
    let again = format!("{}/hello/Grace", web.url);
    let each = ["--write-out", "%{num_connects}\n", &again];
    let Some(answers) = web.curl(&each, "/hello/Ada") else {
        return;
    };
    assert_eq!(answers, "Hello, Grace!\n1\nHello, Ada!\n0\n");
}

#[test]
fn a_server_in_debug_mode_shows_its_tasks_and_another_does_not() {
    let web = Web::start(&["--debug"]);
    let Some(tasks) = web.curl(&[], "/tasks") else {
        return;
    };
    assert!(tasks.contains("waits for TcpListener"), "{tasks}");
    let web = Web::start(&[]);
    assert_eq!(web.curl(&[], "/tasks").unwrap(), "404 Not Found\n");
}

#[test]
fn curl_speaks_https_with_the_certificate_that_the_server_made() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root.pem");
    let root = root.to_str().unwrap();
    let mut web = Web::start(&["--tls", root]);
    // A client that is silent in its handshake keeps no other waiting.
    let silent = TcpStream::connect(web.address()).unwrap();
    let trusts = ["--cacert", root, "--write-out", "%{http_version}"];
    let Some(answer) = web.curl(&trusts, "/hello/Ada") else {
        return;
    };
    assert_eq!(answer, "Hello, Ada!\n2", "chosen in the handshake");
    let one = [&trusts[..], &["--http1.1"]].concat();
    assert_eq!(web.curl(&one, "/hello/Ada").unwrap(), "Hello, Ada!\n1.1");
    assert_eq!(web.curl(&["--insecure"], "/").unwrap(), "Welcome home!\n");
    // The certificate names the address and `localhost`.
    let port = web.address().port();
    web.url = format!("https://localhost:{port}");
    let resolve = format!("localhost:{port}:127.0.0.1");
    let by_name = ["--cacert", root, "--resolve", &resolve];
    assert_eq!(web.curl(&by_name, "/").unwrap(), "Welcome home!\n");
    // Another certificate of the same authority.
    web.signal(Signal::HUP);
    assert_eq!(web.line(), "reloaded");
    assert_eq!(web.curl(&by_name, "/").unwrap(), "Welcome home!\n");
    assert_eq!(
        web.terminate(),
        Some(0),
        "the silent client is not waited for"
    );
    drop(silent);
}

#[test]
fn curl_refuses_a_certificate_whose_authority_it_does_not_know() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root.pem");
    let web = Web::start(&["--tls", root.to_str().unwrap()]);
    match Command::new("curl").args(["--silent", &web.url]).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        status => assert_eq!(status.unwrap().code(), Some(60)),
    }
}

#[test]
fn sighup_reads_the_configuration_again_and_requests_in_flight_end_as_they_began() {
    let folder = TempDir::new().unwrap();
    let home = folder.path().join("home.txt");
    fs::write(&home, "one").unwrap();
    let mut web = Web::start(&["--workers", "2", "--home", home.to_str().unwrap()]);
    let asks = |stream: &mut TcpStream, request: &str, answer: &str| {
        stream.write_all(request.as_bytes()).unwrap();
        let mut heard = vec![0; 1_000];
        let mut length = 0;
        while !heard[..length].ends_with(answer.as_bytes()) {
            let count = stream.read(&mut heard[length..]).unwrap();
            assert!(count > 0, "{:?}", String::from_utf8_lossy(&heard[..length]));
            length += count;
        }
    };
    let get = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";
    let mut kept = TcpStream::connect(web.address()).unwrap();
    asks(&mut kept, get, "one");
    // Half of a note is there when the signal comes.
    let head =
        "POST /notes HTTP/1.1\r\nhost: here\r\ncontent-length: 13\r\nexpect: 100-continue\r\n\r\n";
    let mut note = TcpStream::connect(web.address()).unwrap();
    asks(&mut note, head, "100 Continue\r\n\r\n");
    note.write_all(br#"{"text""#).unwrap();
    fs::write(&home, "two").unwrap();
    web.signal(Signal::HUP);
    assert_eq!(web.line(), "reloaded");
    asks(&mut kept, get, "two");
    asks(&mut TcpStream::connect(web.address()).unwrap(), get, "two");
    asks(&mut note, r#":"hi"}"#, "/notes/1\n");
    // What cannot be read changes nothing.
    fs::remove_file(&home).unwrap();
    web.signal(Signal::HUP);
    assert!(web.line().starts_with("not reloaded: "));
    asks(&mut kept, get, "two");
    assert_eq!(web.terminate(), Some(0));
}
