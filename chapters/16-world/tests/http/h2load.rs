//! The program `ch16-web` under load, from nghttp2's `h2load` and `nghttp`: clients that are not ours. Where they are not installed,
//! the tests say so and are skipped.

use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Child, Command, Output, Stdio};

use super::curl::Web;

/// Runs a program of nghttp2. `None` if it is not installed.
fn spawn(program: &str, options: &[&str], url: &str) -> Option<Child> {
    let run = Command::new(program)
        .args(options)
        .arg(url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match run {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!(
                "skipped: {program} is not installed (Debian: apt-get install nghttp2-client)"
            );
            None
        }
        run => Some(run.unwrap()),
    }
}

fn printed(run: &Output) -> String {
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    String::from_utf8(run.stdout.clone()).unwrap()
}

/// The number in front of this word of h2load's summary: `requests: 2000 total, 2000 started, 2000 done, …`.
fn number(printed: &str, line: &str, word: &str) -> u64 {
    let line = printed.lines().find(|it| it.starts_with(line)).unwrap();
    let place = line.find(word).unwrap();
    let before = line[..place].trim_end().rsplit([' ', ',']).next().unwrap();
    before.parse().unwrap_or_else(|_| panic!("{line}"))
}

#[test]
fn h2load_has_every_request_answered_in_both_versions_of_http() {
    for (name, workers, options) in [
        ("HTTP/1.1", "1", &["--h1"][..]),
        ("HTTP/1.1, pipelined", "1", &["--h1", "-m", "8"]),
        ("HTTP/2", "1", &["-m", "1"]),
        ("HTTP/2, 20 streams a connection", "2", &["-m", "20"]),
    ] {
        for path in ["/", "/static/site.rs"] {
            let web = Web::start(&["--workers", workers]);
            let options = [&["-n", "2000", "-c", "20", "-T", "30", "-N", "30"], options].concat();
            let Some(load) = spawn("h2load", &options, &web.at(path)) else {
                return;
            };
            let summary = printed(&load.wait_with_output().unwrap());
            for word in ["total", "done", "succeeded"] {
                assert_eq!(
                    number(&summary, "requests:", word),
                    2_000,
                    "{name} {path}:\n{summary}"
                );
            }
            assert_eq!(
                number(&summary, "status codes:", "2xx"),
                2_000,
                "{name} {path}"
            );
            assert_eq!(web.terminate(), Some(0), "{name} {path}");
        }
    }
}

#[test]
fn a_server_that_finishes_under_load_answers_every_request_that_it_has_read() {
    for version in [&["--h1"][..], &["-m", "10"]] {
        let web = Web::start(&["--workers", "2"]);
        // It goes on for 3 s. The server finishes before.
        let options = [
            &["-D", "3", "-c", "20", "--log-file=/dev/stdout", "-N", "5"],
            version,
        ]
        .concat();
        let Some(mut load) = spawn("h2load", &options, &web.at("/static/site.rs")) else {
            return;
        };
        // A line for each answer: start, status, duration. The load is there when some have come.
        let mut lines = BufReader::new(load.stdout.take().unwrap()).lines();
        let mut answers: Vec<String> = lines.by_ref().map_while(Result::ok).take(200).collect();
        let ended = web.terminate();
        answers.extend(lines.map_while(Result::ok));
        let _connections_are_gone = load.wait().unwrap();
        assert_eq!(ended, Some(0));
        let statuses = answers.iter().filter_map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            (fields.len() == 3).then(|| fields[1].to_owned())
        });
        let statuses: Vec<String> = statuses.collect();
        let good = statuses.iter().filter(|status| *status == "200").count();
        assert!(good >= 150, "{good}");
        // -1: h2load had sent it, or was about to, when the connection ended. One in flight on each stream at most.
        let others = statuses
            .iter()
            .filter(|status| *status != "200" && *status != "-1");
        assert_eq!(others.count(), 0);
    }
}

#[test]
fn nghttp_asks_for_many_files_on_one_connection() {
    let web = Web::start(&[]);
    let paths = ["/", "/static/site.rs", "/static/lib.rs", "/hello/Ada"];
    let urls = paths.map(|path| web.at(path));
    let others: Vec<&str> = urls[1..].iter().map(String::as_str).collect();
    let options = [&["--stat", "--null-out", "--timeout=30"][..], &others].concat();
    let Some(run) = spawn("nghttp", &options, &urls[0]) else {
        return;
    };
    let summary = printed(&run.wait_with_output().unwrap());
    let answered = summary.lines().filter(|line| line.contains(" 200 "));
    assert_eq!(answered.count(), paths.len(), "{summary}");
}
