//! The version of a client is found, and no byte of it is lost.

use std::io;
use std::pin::pin;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use probe::run;
use probe_io::hostile::{HostileStream, Script, hostile};
use world::preface::{PREFACE, Version, version};

/// Finds the version, and writes all that was sent back.
async fn echo(stream: HostileStream, expected: Version) -> io::Result<()> {
    let (found, mut stream) = version(stream).await?;
    assert_eq!(found, expected);
    let mut buffer = [0; 10];
    loop {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => stream.write_all(&buffer[..count]).await?,
        }
    }
    stream.flush().await?;
    stream.close().await
}

#[test]
fn a_client_of_http_1_is_found_after_its_first_byte_that_differs() {
    let run = run!();
    for sent in [
        &b""[..],
        b"GET / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/1.1\r\n\r\n",
        b"PR",
    ] {
        for script in Script::of_all(2) {
            let (stream, witness) = hostile(&run, &script, sent);
            let ended = witness.drive(pin!(echo(stream, Version::One)), || {});
            let whole = witness.input();
            witness.judge(ended, &whole, |_| None);
        }
    }
}

#[test]
fn a_client_of_http_2_is_found_when_the_preface_is_complete() {
    let run = run!();
    let sent = [&PREFACE[..], b"and frames"].concat();
    for script in Script::of_all(2) {
        let (stream, witness) = hostile(&run, &script, &sent);
        // A script may end the stream in the middle of the preface.
        let ends = script.reads.contains(&probe_io::hostile::Answer::Zero);
        let expected = if ends { Version::One } else { Version::Two };
        let ended = witness.drive(pin!(echo(stream, expected)), || {});
        let whole = witness.input();
        witness.judge(ended, &whole, |_| None);
    }
}
