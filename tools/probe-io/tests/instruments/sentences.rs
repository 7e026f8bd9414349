//! The instruments do what they say.

use std::io::{ErrorKind, Read, Write};
use std::pin::pin;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use probe::run;
use probe_futures::Sim;
use probe_io::stream::{End, show};
use probe_io::{Kernel, Told, Trigger, stream};

#[test]
fn pieces_come_one_after_the_other_and_then_the_end() {
    let run = run!();
    let sim = Sim::new(&run);
    let (mut stream, peer) = stream(&run, &sim);
    peer.sends(b"one");
    peer.sends_byte_by_byte(b"two");
    peer.ends();
    let read = pin!(async {
        let mut piece = [0; 8];
        assert_eq!(stream.read(&mut piece).await.unwrap(), 3);
        assert_eq!(stream.read(&mut piece).await.unwrap(), 1);
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"wo");
    });
    sim.run("A", read).unwrap();
    assert_eq!(peer.taken(), 6);
}

#[test]
fn a_peer_that_takes_little_at_a_time_lets_the_writer_wait() {
    let run = run!();
    let sim = Sim::new(&run);
    let (mut stream, peer) = stream(&run, &sim);
    peer.takes(2);
    sim.run("A", pin!(stream.write_all(b"seven77")))
        .unwrap()
        .unwrap();
    assert_eq!(peer.received(), b"seven77");
    assert_eq!(sim.now().as_millis(), 3);
}

#[test]
fn what_is_held_back_is_lost_with_the_stream() {
    let run = run!();
    let sim = Sim::new(&run);
    let (mut stream, peer) = stream(&run, &sim);
    peer.gets_it_when_flushed();
    sim.run("A", pin!(stream.write_all(b"lost")))
        .unwrap()
        .unwrap();
    assert_eq!(peer.received(), b"");
    drop(stream);
    assert_eq!(peer.sees_the_end(), End::Dropped);
    assert_eq!(peer.received(), b"");
}

#[test]
fn an_edge_is_told_once_and_a_level_again_and_again() {
    let (edge, level) = (Kernel::new(Trigger::Edge), Kernel::new(Trigger::Level));
    let readable = Told {
        readable: true,
        ..Told::default()
    };
    for kernel in [&edge, &level] {
        kernel.arrives(b"abc");
        assert_eq!(kernel.wait(), Some(readable));
    }
    assert_eq!(edge.wait(), None);
    assert_eq!(level.wait(), Some(readable));
    edge.arrives(b"d");
    assert_eq!(edge.wait(), Some(readable));
}

#[test]
fn an_edge_that_is_withheld_comes_after_an_attempt_would_have_blocked() {
    let kernel = Kernel::new(Trigger::EdgeOnceDrained);
    let mut piece = [0; 8];
    kernel.arrives(b"a");
    assert!(kernel.wait().is_some());
    assert_eq!((&kernel).read(&mut piece).unwrap(), 1);
    kernel.arrives(b"b");
    assert_eq!(kernel.wait(), None);
    assert_eq!((&kernel).read(&mut piece).unwrap(), 1);
    let error = (&kernel).read(&mut piece).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert!(kernel.wait().is_some());
}

#[test]
fn data_and_the_end_come_in_one_event() {
    let kernel = Kernel::new(Trigger::Edge);
    kernel.arrives(b"last");
    kernel.ends();
    let told = kernel.wait().unwrap();
    assert!(told.readable && told.read_closed);
    assert_eq!(kernel.wait(), None);
    let mut text = String::new();
    (&kernel).read_to_string(&mut text).unwrap();
    assert_eq!(text, "last");
}

#[test]
fn a_socket_takes_what_it_has_room_for() {
    let kernel = Kernel::new(Trigger::Edge);
    let error = (&kernel).write(b"abc").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    kernel.drains(2);
    assert!(kernel.wait().unwrap().writable);
    assert_eq!((&kernel).write(b"abc").unwrap(), 2);
    assert_eq!(kernel.sent(), b"ab");
}

#[test]
fn bytes_that_are_too_many_for_a_line_are_counted() {
    assert_eq!(show(b"a\nb"), r#""a\nb""#);
    assert_eq!(show(&[b'x'; 200]), "200 bytes");
}
