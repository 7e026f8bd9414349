//! The laws of this course's futures, for both ends of a handshake: dropped at every suspension point, polled spuriously and with
//! another waker each time, on a stream whose every operation can be short, pending, interrupted, empty or an error.

use event_loop::Handle;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use probe_io::hostile::Script;
use world::duplex::duplex;
use world::tls::{Authority, Failure, Identity, Validity, accept, acceptor, connect, connector};

use super::LIMIT;
use crate::rough::{Rough, Watched, ends, is_harmless, small_pieces};

const SAID: &[u8] = b"hello";

/// The client sends a word and its end, and the server returns both.
async fn asks<S: AsyncRead + AsyncWrite + Unpin>(
    authority: &Authority,
    stream: S,
) -> Result<Vec<u8>, Failure> {
    let connector = connector(authority.roots());
    let mut stream = connect(&connector, "localhost", stream).await?;
    stream.write_all(SAID).await?;
    stream.close().await?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await?;
    Ok(heard)
}

async fn echoes<S: AsyncRead + AsyncWrite + Unpin>(
    identity: &Identity,
    stream: S,
    handle: &Handle,
) -> Result<(), Failure> {
    let mut stream = accept(&acceptor(identity, &[]), stream, handle, LIMIT).await?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await?;
    stream.write_all(&heard).await?;
    stream.close().await?;
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Client,
    Server,
}

/// How both ends ended, where the stream of one of them is as the script says, and that end is dropped after some polls: `None`.
type Outcome = (
    Option<Result<Vec<u8>, Failure>>,
    Option<Result<(), Failure>>,
);

async fn talk(
    handle: &Handle,
    (authority, identity): (&Authority, &Identity),
    rough: End,
    script: &Script,
    polls: usize,
) -> Outcome {
    let (here, there) = duplex(4_096);
    let of = |end| match end == rough {
        true => (script.clone(), polls),
        false => (Script::default(), usize::MAX),
    };
    let (client_script, client_polls) = of(End::Client);
    let (server_script, server_polls) = of(End::Server);
    let client = Rough::new(here, handle, &client_script);
    let server = Rough::new(there, handle, &server_script);
    let dropped = [client.dropped(), server.dropped()];
    let client = Watched::dropped_after(client_polls, asks(authority, client));
    let server = Watched::dropped_after(server_polls, echoes(identity, server, handle));
    let kept = [client.kept(), server.kept()];
    let outcome = futures::future::join(client, server).await;
    assert!(
        dropped.iter().all(|dropped| *dropped.borrow()),
        "{script:?}"
    );
    assert_eq!(
        kept.map(|kept| kept.count()),
        [0, 0],
        "wakers are kept: {script:?}"
    );
    outcome
}

#[test]
fn a_handshake_ends_at_both_ends_and_a_failure_is_told_whatever_a_stream_does() {
    let authority = Authority::new("ours");
    let identity = authority.issue("localhost", Validity::Valid);
    // A handshake costs milliseconds, so the pairs of a read's and a write's script are left out.
    let scripts = [
        Script::of_reads(2),
        Script::of_writes(2),
        Script::of_ends(2),
    ]
    .concat();
    for script in scripts {
        for rough in [End::Client, End::Server] {
            let ends_of = (&authority, &identity);
            let (client, server) =
                ends(async |handle| talk(&handle, ends_of, rough, &script, usize::MAX).await);
            let (client, server) = (client.unwrap(), server.unwrap());
            if is_harmless(&script) {
                assert_eq!(client.unwrap(), SAID, "{script:?}");
                assert!(server.is_ok(), "{script:?}: {server:?}");
                continue;
            }
            // No word of it is lost or changed without an error.
            match client {
                Ok(heard) => assert_eq!(heard, SAID, "{rough:?} {script:?}"),
                Err(Failure::Refused(alert)) => panic!("{rough:?} {script:?}: {alert:?}"),
                Err(Failure::NotTls | Failure::Tls(_)) => panic!("{rough:?} {script:?}"),
                Err(_cut_or_io) => {}
            }
        }
    }
}

#[test]
fn a_handshake_that_is_dropped_at_any_suspension_point_leaves_nothing_and_the_other_end_is_told() {
    let authority = Authority::new("ours");
    let identity = authority.issue("localhost", Validity::Valid);
    let script = small_pieces(100);
    for rough in [End::Client, End::Server] {
        for polls in 0.. {
            let ends_of = (&authority, &identity);
            let (client, server) =
                ends(async |handle| talk(&handle, ends_of, rough, &script, polls).await);
            match (client, server) {
                (Some(client), Some(server)) => {
                    assert_eq!(client.unwrap(), SAID);
                    assert!(server.is_ok(), "{server:?}");
                    assert!(polls > 10, "it was dropped at {polls} places only");
                    break;
                }
                // It is told by an error, unless the server had said that it ends.
                (Some(Ok(heard)), None) => assert_eq!(heard, SAID, "after {polls} polls"),
                (Some(Err(_)), None) => {}
                // The server may have sent everything before the client was dropped.
                (None, _ended) => {}
            }
        }
    }
}
