//! The program `ch16-web` and curl, a client that is not ours. Where curl is not installed, the test says so and is skipped.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Child, Command, Output, Stdio};

use super::started::files;

/// A server that runs. Dropping it kills the process.
struct Web {
    child: Child,
    url: String,
}

impl Web {
    fn start(options: &[&str]) -> Web {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ch16-web"))
            .args(["--listen", "127.0.0.1:0"])
            .arg("--files")
            .arg(files())
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap();
        Web {
            url: url.to_owned(),
            child,
        }
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
    fn terminate(mut self) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
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
