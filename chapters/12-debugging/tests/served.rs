//! Another thread or process gets the tasks of a running loop through a socket.

use std::io::ErrorKind;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use debugging::seen::{Seen, SeenTask};
use debugging::serve::{fetch_dump, serve_dumps};
use debugging::{DebugMode, run_in_debug_mode};
use event_loop::ThreadDriver;
use futures::channel::oneshot;

#[test]
fn a_client_gets_the_tasks_of_a_running_loop_as_often_as_it_asks() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("dumps");
    let debug = DebugMode::new().on_warning(|_| {});
    let served = serve_dumps(&debug, &socket).unwrap();
    let (runs, running) = mpsc::channel();
    let (done, until) = oneshot::channel();
    let path = socket.clone();
    let client = thread::spawn(move || {
        running.recv().unwrap();
        let seen = [fetch_dump(&path), fetch_dump(&path)];
        done.send(()).unwrap();
        seen
    });
    run_in_debug_mode(&debug, ThreadDriver::new(), |handle| async move {
        let sleeper = handle.clone();
        drop(handle.spawn(async move { sleeper.sleep(Duration::from_secs(3_600)).await }));
        runs.send(()).unwrap();
        until.await.unwrap();
    });
    for seen in client.join().unwrap().map(Result::unwrap) {
        assert_eq!(seen.process, std::process::id());
        let sleeps = |task: &SeenTask| task.waits_for().starts_with("a timer, due at 3600");
        let sleeper = seen.tasks.iter().find(|task| sleeps(task));
        let sleeper = sleeper.unwrap_or_else(|| panic!("{seen:?}"));
        assert!(sleeper.place.starts_with("tests/served.rs:"), "{sleeper:?}");
        assert!(sleeper.leaves[0].path.contains(" → Sleep"), "{sleeper:?}");
    }
    drop(served);
    assert!(!socket.exists(), "the socket is removed");
    assert!(fetch_dump(&socket).is_err());
}

#[test]
fn a_socket_that_is_there_is_not_taken_from_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("dumps");
    let debug = DebugMode::new();
    let _served = serve_dumps(&debug, &socket).unwrap();
    let second = serve_dumps(&debug, &socket).unwrap_err();
    assert_eq!(second.kind(), ErrorKind::AddrInUse);
    assert!(fetch_dump(&socket).is_ok());
}

#[test]
fn lines_that_are_no_dump_are_refused_and_half_a_dump_is() {
    for (lines, kind) in [
        ("process\t1\n", ErrorKind::UnexpectedEof),
        ("", ErrorKind::UnexpectedEof),
        ("hello\nend\n", ErrorKind::InvalidData),
        ("leaf\ta\tb\nend\n", ErrorKind::InvalidData),
        ("process\t-1\nend\n", ErrorKind::InvalidData),
    ] {
        assert_eq!(
            Seen::read(lines.as_bytes()).unwrap_err().kind(),
            kind,
            "{lines:?}"
        );
    }
}

#[test]
fn a_name_with_tabs_and_lines_stays_one_field() {
    let mut seen = Seen::read(&b"process\t1\ntask\t1\tx\ty\tz\nend\n"[..]).unwrap();
    seen.tasks[0].name = "a\tb\nend\n".to_owned();
    let mut lines = Vec::new();
    seen.write(&mut lines).unwrap();
    let again = Seen::read(&lines[..]).unwrap();
    assert_eq!(again.tasks[0].name, "a b end ");
}
