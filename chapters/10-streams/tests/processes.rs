//! Other programs: real ones. No test sleeps: a program and its test wait for each other through pipes.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use event_loop::{EventLoop, Handle};
use futures::FutureExt;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::{PipeReader, Reactor, ReactorHandle};
use streams::process::{Process, Reason, Signal, wait_for_dropped};

/// Runs a test on a loop, and looks that the reactor watches nothing at its end.
fn on_a_loop<T>(test: impl AsyncFnOnce(ReactorHandle, Handle) -> io::Result<T>) -> T {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (reactor, handle) = (event_loop.driver().handle(), event_loop.handle());
    let result = event_loop.block_on(test(reactor.clone(), handle)).unwrap();
    assert_eq!(reactor.sources(), 0);
    result
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads one line from a pipe, byte by byte.
async fn line(pipe: &mut PipeReader) -> io::Result<String> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while pipe.read(&mut byte).await? == 1 && byte != *b"\n" {
        bytes.push(byte[0]);
    }
    Ok(String::from_utf8(bytes).unwrap())
}

#[test]
fn a_program_reads_its_input_and_its_outputs_are_collected_apart() {
    let output = on_a_loop(async |reactor, _| {
        let script = "tr a-z A-Z; echo problem >&2; exit 3";
        let process = Process::spawn(&reactor, &mut shell(script))?;
        process.communicate(b"hello").await
    });
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stdout, b"HELLO");
    assert_eq!(output.stderr, b"problem\n");
}

#[test]
fn ten_megabytes_go_in_and_come_back_on_both_streams() {
    let input: Vec<u8> = (0..10_000_000_u32).map(|number| number as u8).collect();
    let output = on_a_loop(async |reactor, _| {
        let process = Process::spawn(&reactor, &mut shell("tee /dev/stderr"))?;
        process.communicate(&input).await
    });
    assert!(output.status.success(), "{:?}", output.status);
    assert!(output.stdout == input);
    assert!(output.stderr == input);
}

#[test]
fn a_program_that_does_not_read_its_input_is_no_error() {
    let output = on_a_loop(async |reactor, _| {
        let process = Process::spawn(&reactor, &mut shell("exec <&-; echo done"))?;
        process.communicate(&vec![b'x'; 1_000_000]).await
    });
    assert!(output.status.success());
    assert_eq!(output.stdout, b"done\n");
}

#[test]
fn streams_that_are_not_piped_are_left_alone() {
    on_a_loop(async |reactor, _| {
        let mut quiet = Command::new("true");
        quiet.stdin(Stdio::null()).stdout(Stdio::null());
        let output = Process::spawn(&reactor, &mut quiet)?.communicate(b"");
        assert!(output.await?.status.success());
        let refused = Process::spawn(&reactor, &mut quiet)?.communicate(b"for no pipe");
        let error = refused.await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        Ok(())
    });
}

#[test]
fn the_status_is_the_same_however_often_it_is_asked_for() {
    on_a_loop(async |reactor, _| {
        let mut process = Process::spawn(&reactor, &mut shell("read line; exit 7"))?;
        // The wait would drop the input, so the program is still running here only because it was not asked.
        assert_eq!(process.try_wait()?, None);
        let mut stdin = process.stdin.take().unwrap();
        assert!(process.wait().now_or_never().is_none());
        stdin.write_all(b"go\n").await?;
        // The first wait left a waker that does nothing. The second wait has a waker of its own.
        for _ in 0..3 {
            assert_eq!(process.wait().await?.code(), Some(7));
        }
        assert_eq!(
            process.try_wait()?.and_then(|status| status.code()),
            Some(7)
        );
        assert!(process.signal(Signal::KILL).is_ok());
        Ok(())
    });
}

#[test]
fn a_program_that_ended_long_before_is_waited_for() {
    on_a_loop(async |reactor, _| {
        let mut process = Process::spawn(&reactor, &mut shell("exit 5"))?;
        let mut rest = Vec::new();
        // Both pipes are closed when the program ends; the events of the end are then due or near.
        let mut stdout = process.stdout.take().unwrap();
        stdout.read_to_end(&mut rest).await?;
        assert_eq!(process.wait().await?.code(), Some(5));
        Ok(())
    });
}

#[test]
fn the_end_is_found_by_the_signal_too() {
    on_a_loop(async |reactor, _| {
        let process = Process::spawn(&reactor, &mut shell("read line; exit 7"))?;
        let mut process = process.watched_by_signal(&reactor)?;
        let mut stdin = process.stdin.take().unwrap();
        assert!(process.wait().now_or_never().is_none());
        stdin.write_all(b"go\n").await?;
        assert_eq!(process.wait().await?.code(), Some(7));
        // A program that ended before the signal was watched for sends none.
        let mut early = Process::spawn(&reactor, &mut shell("exit 5"))?;
        early
            .stdout
            .take()
            .unwrap()
            .read_to_end(&mut Vec::new())
            .await?;
        let mut early = early.watched_by_signal(&reactor)?;
        assert_eq!(early.wait().await?.code(), Some(5));
        Ok(())
    });
}

#[test]
fn a_program_that_is_killed_at_any_moment_leaves_a_prefix_of_its_output() {
    on_a_loop(async |reactor, _| {
        for pieces in 0..20 {
            let script = "while :; do echo 0123456789; done";
            let mut process = Process::spawn(&reactor, &mut shell(script))?;
            let (mut output, mut piece) = (Vec::new(), [0; 1_000]);
            let mut stdout = process.stdout.take().unwrap();
            for _ in 0..pieces {
                let count = stdout.read(&mut piece).await?;
                output.extend(&piece[..count]);
            }
            process.signal(Signal::KILL)?;
            stdout.read_to_end(&mut output).await?;
            assert_eq!(process.wait().await?.signal(), Some(9));
            let whole = b"0123456789\n".iter().cycle();
            assert!(output.iter().eq(whole.take(output.len())));
        }
        Ok(())
    });
}

#[test]
fn a_dropped_process_is_killed() {
    on_a_loop(async |reactor, _| {
        let mut process =
            Process::spawn(&reactor, &mut shell("echo ready; exec tail -f /dev/null"))?;
        let mut stdout = process.stdout.take().unwrap();
        assert_eq!(line(&mut stdout).await?, "ready");
        drop(process);
        // The pipe ends when the program has.
        assert_eq!(stdout.read(&mut [0]).await?, 0);
        Ok(())
    });
    wait_for_dropped();
}

#[test]
fn a_program_that_ignores_the_request_to_end_is_killed_after_the_grace() {
    on_a_loop(async |reactor, handle| {
        let script = "trap '' TERM; echo ready; exec tail -f /dev/null";
        let mut process = Process::spawn(&reactor, &mut shell(script))?;
        assert_eq!(line(process.stdout.as_mut().unwrap()).await?, "ready");
        let status = process.stop(&handle, Duration::from_millis(20)).await?;
        assert_eq!(status.signal(), Some(9));
        Ok(())
    });
}

#[test]
fn a_program_that_ends_when_asked_is_not_killed() {
    on_a_loop(async |reactor, handle| {
        let script =
            "trap 'echo bye; exit 4' TERM; echo ready; while :; do read line <&3; done 3<&0";
        let mut process = Process::spawn(&reactor, &mut shell(script))?;
        let input = process.stdin.take();
        let mut stdout = process.stdout.take().unwrap();
        assert_eq!(line(&mut stdout).await?, "ready");
        let status = process.stop(&handle, Duration::from_secs(3_600)).await?;
        assert_eq!(status.code(), Some(4));
        assert_eq!(line(&mut stdout).await?, "bye");
        drop(input);
        Ok(())
    });
}

#[test]
fn a_program_of_the_program_keeps_the_pipe_open_after_its_end() {
    on_a_loop(async |reactor, _| {
        let script = "tail -f /dev/null & echo $!";
        let mut process = Process::spawn(&reactor, &mut shell(script))?;
        let mut stdout = process.stdout.take().unwrap();
        let grandchild: i32 = line(&mut stdout).await?.parse().unwrap();
        assert!(process.wait().await?.success());
        assert!(stdout.read(&mut [0]).now_or_never().is_none());
        let pid = rustix::process::Pid::from_raw(grandchild).unwrap();
        rustix::process::kill_process(pid, Signal::KILL)?;
        assert_eq!(stdout.read(&mut [0]).await?, 0);
        Ok(())
    });
}

#[test]
fn a_group_ends_with_its_leader() {
    let output = on_a_loop(async |reactor, _| {
        let script = "tail -f /dev/null & echo started";
        let process = Process::spawn_group(&reactor, &mut shell(script))?;
        process.communicate(b"").await
    });
    assert!(output.status.success());
    assert_eq!(output.stdout, b"started\n");
}

#[test]
fn a_dropped_group_is_killed_as_a_whole() {
    on_a_loop(async |reactor, _| {
        let script = "tail -f /dev/null & echo started; wait";
        let mut process = Process::spawn_group(&reactor, &mut shell(script))?;
        let mut stdout = process.stdout.take().unwrap();
        assert_eq!(line(&mut stdout).await?, "started");
        drop(process);
        assert_eq!(stdout.read(&mut [0]).await?, 0);
        Ok(())
    });
    wait_for_dropped();
}

#[test]
fn a_dropped_communicate_kills_the_program() {
    on_a_loop(async |reactor, _| {
        let (mut seen, writer) = reactor_pipe(&reactor)?;
        let mut command = shell("echo ready >&2; exec tail -f /dev/null");
        command.stderr(writer);
        let process = Process::spawn(&reactor, &mut command)?;
        // The command keeps this process's copy of the pipe.
        drop(command);
        let mut communicate = Box::pin(process.communicate(b"input"));
        assert!((&mut communicate).now_or_never().is_none());
        assert_eq!(line(&mut seen).await?, "ready");
        drop(communicate);
        assert_eq!(seen.read(&mut [0]).await?, 0);
        Ok(())
    });
    wait_for_dropped();
}

fn reactor_pipe(reactor: &ReactorHandle) -> io::Result<(PipeReader, std::os::fd::OwnedFd)> {
    let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    Ok((PipeReader::new(reactor, reader)?, writer))
}

#[test]
fn a_program_that_cannot_be_started_is_a_sentence() {
    let sentence = |command: &mut Command, reason: Reason| {
        on_a_loop(async |reactor, _| {
            let error = Process::spawn(&reactor, command).unwrap_err();
            assert_eq!(*error.reason(), reason);
            Ok(error.to_string())
        })
    };
    let missing = sentence(&mut Command::new("no-such-program"), Reason::NoSuchProgram);
    let directory = sentence(
        Command::new("true").current_dir("/no/such/directory"),
        Reason::NoSuchDirectory("/no/such/directory".into()),
    );
    let no_program = sentence(&mut Command::new("/dev/null"), Reason::NotAllowed);
    insta::assert_snapshot!([missing, directory, no_program].join("\n"), @r"
    `no-such-program` was not started: there is no such program, or its interpreter is missing
    `true` was not started: the directory /no/such/directory does not exist
    `/dev/null` was not started: this user may not execute it
    ");
}

#[test]
fn a_program_whose_parent_is_killed_reads_the_end_of_its_input() {
    on_a_loop(async |reactor, _| {
        let (mut seen, writer) = reactor_pipe(&reactor)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch10-children"));
        command.arg("parent").stderr(writer);
        let mut parent = Process::spawn(&reactor, &mut command)?;
        drop(command);
        // The grandchild writes these two lines; the pipe ends when the grandchild has ended.
        assert_eq!(line(&mut seen).await?, "ready");
        parent.signal(Signal::KILL)?;
        assert_eq!(parent.wait().await?.signal(), Some(9));
        assert_eq!(line(&mut seen).await?, "the input has ended");
        assert_eq!(seen.read(&mut [0]).await?, 0);
        Ok(())
    });
}

fn counted(mode: &str) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_ch10-children"))
        .arg(mode)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn a_thousand_programs_leave_no_zombie_and_no_descriptor() {
    insta::assert_snapshot!(counted("ended"), @r"
    statuses added up: 49500
    children left: 0
    sources left: 0
    descriptors left: 0
    ");
}

#[test]
fn a_thousand_programs_whose_end_is_a_signal_leave_no_zombie_and_no_descriptor() {
    insta::assert_snapshot!(counted("ended-by-signal"), @r"
    statuses added up: 49500
    children left: 0
    sources left: 0
    descriptors left: 0
    ");
}

#[test]
fn a_hundred_dropped_programs_leave_no_zombie_and_no_descriptor() {
    insta::assert_snapshot!(counted("dropped"), @r"
    dropped: 100
    children left: 0
    sources left: 0
    descriptors left: 0
    ");
}

#[test]
fn without_a_descriptor_a_program_is_not_started_and_nothing_is_left() {
    insta::assert_snapshot!(counted("no-descriptors"), @r"
    `sh` was not started: no file descriptor is left for its pipes
    some were started: true
    afterwards: exit status: 0
    children left: 0
    sources left: 0
    descriptors left: 0
    ");
}

#[test]
fn signals_that_interrupt_the_loop_cost_no_byte_and_no_end() {
    insta::assert_snapshot!(counted("interrupted"), @r"
    bytes: 1500, exit status: 0
    signals came: true
    children left: 0
    sources left: 0
    descriptors left: 0
    ");
}
