//! A web server: see `--help`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::Parser;
use world::http_connection::Patience;
use world::http_server::{Settings, serve};
use world::site::{Notes, Setting, Site};

/// Serves a small site over HTTP/1 and HTTP/2 (without TLS: `curl --http2-prior-knowledge`).
///
/// The first line of its output says where it listens. SIGTERM and SIGINT make it finish: it takes no more
/// clients, answers the requests that have arrived, closes and exits with status 0. A second signal ends it at
/// once.
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
    let setting = Setting {
        files: options.files,
        body: patience,
        notes: Notes::default(),
    };
    let site = move |handle: &_| Site::new(handle, setting.clone()) as Rc<_>;
    let served = serve(&settings, site, |address| {
        // A reader that is gone needs no line.
        let _ = writeln!(io::stdout(), "listening on http://{address}");
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ch16-web: {error}");
            ExitCode::FAILURE
        }
    }
}
