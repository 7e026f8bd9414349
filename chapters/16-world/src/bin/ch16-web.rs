//! A web server: see `--help`.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::Parser;
use world::http_connection::Patience;
use world::http_server::{Configured, Report, Settings, serve};
use world::https::https_acceptor;
use world::site::{GREETING, Notes, Setting, Site};
use world::tls::{Authority, Validity};

/// Serves a small site over HTTP/1 and HTTP/2 (without TLS: `curl --http2-prior-knowledge`).
///
/// The first line of its output says where it listens. SIGTERM and SIGINT make it finish: it takes no more
/// clients, answers the requests that have arrived, closes and exits with status 0. A second signal ends it at
/// once.
///
/// SIGHUP makes it read the file of --home again, and with --tls make a new certificate. Requests in flight are
/// answered as they began. If the file cannot be read, the server goes on as it was.
#[derive(Debug, Parser)]
#[command(name = "ch16-web", version)]
struct Options {
    /// The address to listen on; with port 0, any port that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many threads serve, each with a loop of its own
    #[arg(long, value_name = "N", default_value = "1")]
    workers: NonZeroUsize,
    /// How many connections may be open, in all workers together
    #[arg(long, value_name = "N", default_value = "15000")]
    max_connections: NonZeroUsize,
    /// The folder whose files are served below /static/
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    files: PathBuf,
    /// The file that holds the answer to /, in place of a greeting
    #[arg(long, value_name = "FILE")]
    home: Option<PathBuf>,
    /// Serves HTTPS, with a certificate for localhost and the address that is made at the start; the certificate
    /// of the authority that signed it is written to this file, for `curl --cacert FILE`
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// How many milliseconds a client may take for the head of a request, for a body, and for the next byte of
    /// an answer
    #[arg(long, value_name = "MS", default_value = "30000")]
    patience: u64,
    /// How many milliseconds the requests in flight may take when the server finishes
    #[arg(long, value_name = "MS", default_value = "10000")]
    drain: u64,
    /// Runs the loops in debug mode; /tasks shows what each task waits for
    #[arg(long)]
    debug: bool,
}

fn main() -> ExitCode {
    closed_output::end_quietly();
    let options = Options::parse();
    let patience = Duration::from_millis(options.patience);
    let settings = Settings {
        listen: options.listen,
        workers: options.workers.get(),
        connections: options.max_connections.get(),
        patience: Patience {
            head: patience,
            body: patience,
            write: patience,
        },
        drain: Duration::from_millis(options.drain),
        debug: options.debug,
    };
    match run(&options, &settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ch16-web: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options, settings: &Settings) -> io::Result<()> {
    let notes = Notes::default();
    let authority = Authority::new("ch16-web");
    if let Some(file) = &options.tls {
        fs::write(file, authority.pem())?;
    }
    let address = options.listen.ip().to_string();
    let configure = || {
        let home = options.home.as_ref().map(fs::read_to_string).transpose()?;
        let setting = Setting {
            files: options.files.clone(),
            home: home.unwrap_or_else(|| GREETING.to_owned()),
            body: settings.patience.body,
            notes: notes.clone(),
        };
        let site = move |handle: &_| Site::new(handle, setting.clone()) as Rc<_>;
        let tls = options.tls.as_ref().map(|_file| {
            let names = ["localhost", &address];
            https_acceptor(&authority.issue_for(&names, Validity::Valid))
        });
        Ok(Configured { site, tls })
    };
    let scheme = if options.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let says = |line: String| {
        // A reader that is gone needs no line.
        let _ = writeln!(io::stdout(), "{line}");
    };
    serve(settings, configure, |report| match report {
        Report::Listening(address) => says(format!("listening on {scheme}://{address}")),
        Report::Reloaded => says("reloaded".to_owned()),
        Report::NotReloaded(error) => says(format!("not reloaded: {error}")),
    })
}
