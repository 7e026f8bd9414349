//! The loop's driver on streams that answer badly, and dropped wherever it waits.

use std::pin::pin;
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver, Time};
use probe::run;
use probe_io::hostile::{Ended, Script, hostile};
use world::sans_io::frame::{Frame, FrameWriter, Opcode};
use world::sans_io::{Connection, Event, Message, Role, Settings, on_a_loop};

fn bytes_of(role: Role, frames: &[Frame]) -> Vec<u8> {
    let (mut writer, mut bytes) = (FrameWriter::new(role), Vec::new());
    for frame in frames {
        writer.write(frame, &mut bytes);
    }
    bytes
}

fn server() -> Connection {
    let patience = Duration::from_secs(20);
    let settings = Settings {
        role: Role::Server,
        limit: 100,
        patience,
    };
    let mut connection = Connection::new(settings, Time::START);
    connection.send(Message::Text("hello".to_owned())).unwrap();
    connection
}

#[test]
fn the_driver_writes_a_prefix_of_the_output_and_reports_the_first_error_on_every_short_script() {
    let run = run!();
    let close = Frame::last(Opcode::Close, &1000_u16.to_be_bytes());
    let ping = Frame::last(Opcode::Ping, b"?");
    let input = bytes_of(Role::Client { seed: 1 }, &[ping, close.clone()]);
    let hello = Frame::last(Opcode::Text, b"hello");
    let pong = Frame::last(Opcode::Pong, b"?");
    let whole = bytes_of(Role::Server, &[hello, pong, close]);
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    for script in Script::of_all(3) {
        let (mut stream, witness) = hostile(&run, &script, &input);
        let (mut connection, mut events) = (server(), Vec::new());
        let drive = on_a_loop::drive(&mut stream, &handle, &mut connection, |event, _| {
            events.push(event);
        });
        let ended = witness.drive(pin!(drive), || {});
        let told = matches!(ended, Ended::Ready(Ok(())));
        match events.as_slice() {
            // The stream ended before the close frame: what was sent until then is all there is.
            [Event::Lost] if told => {
                let written = witness.written();
                assert!(whole.starts_with(&written), "{script:?}: {written:?}");
            }
            [Event::Closed(Some(1000)) | Event::Lost] | [] => {
                witness.judge(ended, &whole, |_| None);
            }
            other => panic!("{script:?}: {other:?}, {ended:?}"),
        }
    }
    assert_eq!(
        event_loop.timers(),
        0,
        "a driver that has ended leaves no timer"
    );
}

#[test]
fn a_driver_that_is_dropped_after_any_number_of_polls_leaves_no_timer() {
    let run = run!();
    let close = Frame::last(Opcode::Close, b"");
    let input = bytes_of(Role::Client { seed: 1 }, &[close]);
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    for script in Script::of_all(2) {
        for polls in 0..6 {
            let (mut stream, _witness) = hostile(&run, &script, &input);
            let mut connection = server();
            let mut drive = pin!(on_a_loop::drive(
                &mut stream,
                &handle,
                &mut connection,
                |_, _| {}
            ));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            for _ in 0..polls {
                if drive.as_mut().poll(&mut context).is_ready() {
                    break;
                }
            }
        }
        assert_eq!(event_loop.timers(), 0, "{script:?}");
    }
}
