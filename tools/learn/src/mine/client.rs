//! A client that opens many connections at once, and wants its bytes back on each.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// How long the whole exchange may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many connections were open at the same time.
    pub connections: usize,
    /// Why there were no more, if more were wanted.
    pub limited_by: Option<String>,
    /// How many bytes came back.
    pub bytes: u64,
    /// The first thing that went wrong.
    pub problem: Option<String>,
}

/// Opens `wanted` connections, or as many as there are descriptors for; sends something else on each; and only then reads from
/// the first, so that all of them wait at the same time. Then a second message, longer than one read, and the end.
#[must_use]
pub fn run(server: SocketAddr, wanted: usize) -> Report {
    let mut report = Report::default();
    let until = Instant::now() + DEADLINE;
    let mut streams = match open(server, wanted, until, &mut report) {
        Ok(streams) => streams,
        Err((number, error)) => {
            report.problem = Some(format!("connection {number} could not be opened: {error}"));
            return report;
        }
    };
    report.connections = streams.len();
    for size in [64, 2_048] {
        if let Err(problem) = exchange(&mut streams, size, until, &mut report.bytes) {
            report.problem = Some(problem);
            return report;
        }
    }
    report.problem = end(&mut streams, until).err();
    report
}

/// Descriptors that the program needs for other things than connections.
const SPARE: usize = 32;

fn open(
    server: SocketAddr,
    wanted: usize,
    until: Instant,
    report: &mut Report,
) -> Result<Vec<TcpStream>, (usize, io::Error)> {
    let mut streams = Vec::new();
    while streams.len() < wanted {
        match TcpStream::connect_timeout(&server, left(until)) {
            Ok(stream) => streams.push(stream),
            Err(error) if is_out_of_descriptors(&error) && streams.len() > SPARE => {
                report.limited_by = Some(error.to_string());
                streams.truncate(streams.len() - SPARE);
                break;
            }
            Err(error) => return Err((streams.len() + 1, error)),
        }
    }
    Ok(streams)
}

/// `EMFILE` and `ENFILE`, `WSAEMFILE`, and a port range that is used up.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    const CODES: [i32; 3] = [24, 23, 10024];
    error
        .raw_os_error()
        .is_some_and(|code| CODES.contains(&code))
        || error.kind() == io::ErrorKind::AddrNotAvailable
}

/// What is left of the time, and a little if nothing is: a time of nothing is no time-out.
fn left(until: Instant) -> Duration {
    until
        .saturating_duration_since(Instant::now())
        .max(Duration::from_millis(1))
}

fn exchange(
    streams: &mut [TcpStream],
    size: usize,
    until: Instant,
    bytes: &mut u64,
) -> Result<(), String> {
    for (index, stream) in streams.iter_mut().enumerate() {
        stream
            .set_write_timeout(Some(left(until)))
            .and_then(|()| stream.write_all(&message(index, size)))
            .map_err(|error| said(index, "did not take what was sent", &error))?;
    }
    let mut answer = vec![0; size];
    for (index, stream) in streams.iter_mut().enumerate() {
        stream
            .set_read_timeout(Some(left(until)))
            .and_then(|()| stream.read_exact(&mut answer))
            .map_err(|error| said(index, "did not send everything back", &error))?;
        let sent = message(index, size);
        if let Some(place) = (0..size).find(|place| answer[*place] != sent[*place]) {
            return Err(format!(
                "connection {}: byte {} of {size} came back as {:#04x}, and {:#04x} was sent",
                index + 1,
                place + 1,
                answer[place],
                sent[place],
            ));
        }
        *bytes += size as u64;
    }
    Ok(())
}

/// The client has said all; what is left is the server's end.
fn end(streams: &mut [TcpStream], until: Instant) -> Result<(), String> {
    for (index, stream) in streams.iter_mut().enumerate() {
        stream
            .shutdown(Shutdown::Write)
            .map_err(|error| said(index, "could not be ended", &error))?;
    }
    for (index, stream) in streams.iter_mut().enumerate() {
        let mut rest = Vec::new();
        stream
            .set_read_timeout(Some(left(until)))
            .and_then(|()| stream.take(1).read_to_end(&mut rest))
            .map_err(|error| said(index, "was not closed in the end", &error))?;
        if !rest.is_empty() {
            return Err(format!(
                "connection {}: more came back than was sent",
                index + 1
            ));
        }
    }
    Ok(())
}

fn said(index: usize, what: &str, error: &io::Error) -> String {
    format!("connection {} {what}: {error}", index + 1)
}

/// Another text for each connection, whose bytes differ along the way: what comes back displaced or on the wrong connection shows.
fn message(index: usize, size: usize) -> Vec<u8> {
    let head = format!("connection {index}: ").into_bytes();
    let fill = (0..).map(|place: usize| b'a' + ((place * 7 + index) % 26) as u8);
    head.into_iter().chain(fill).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_connections_send_the_same() {
        assert_ne!(message(1, 64), message(27, 64));
        assert_ne!(message(1, 2_048)[64..], message(2, 2_048)[64..]);
        assert_eq!(message(3, 64).len(), 64);
    }
}
