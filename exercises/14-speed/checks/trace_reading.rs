//! 14 trace-reading: a profile, traces of system calls, and reports.

use super::subject::{Flaw, Function, Waste, flaws, most_own_time, saves_at_most, wasted};
use probe::predict::steady;
use probe::{Run, run, snapshot};
use speed::profile::{own, total};

fn name(function: Function) -> &'static str {
    match function {
        Function::PollTask => "poll_task",
        Function::Answer => "answer",
        Function::EpollWait => "epoll_wait",
        Function::CopyBytes => "copy_bytes",
        Function::Send => "send",
        Function::NextChar => "next_char",
    }
}

#[test]
fn your_function_has_the_most_time_of_its_own() {
    let run = run!();
    let answer = steady(&run, most_own_time);
    let function = name(answer);
    run.recorder().says(
        function,
        format!(
            "{} samples of its own, {} in total",
            own(function),
            total(function)
        ),
    );
    match answer {
        Function::CopyBytes => {}
        Function::PollTask | Function::Answer => run.diagnose(
            "total-taken-for-own",
            format!(
                "`{function}` is wide because of what it calls. In {} samples it was the innermost function itself.",
                own(function)
            ),
        ),
        Function::EpollWait | Function::Send => run.diagnose(
            "one-tower-counted",
            format!(
                "`{function}` is the widest box that calls nothing, in one place. Another function stands on top of several towers: add up \
                 its boxes."
            ),
        ),
        Function::NextChar => run.diagnose(
            "height-taken-for-time",
            "`next_char` is on top of the tallest tower. The height of a tower is the depth of the calls; time is its width, 40 of 1,000 \
             samples.",
        ),
    }
}

#[test]
fn your_share_is_that_of_all_its_boxes() {
    let run = run!();
    let percent = steady(&run, saves_at_most);
    run.recorder().says("your answer", format!("{percent} %"));
    match percent {
        33 => {}
        330 => run.diagnose(
            "time-taken-for-a-ratio",
            "330 is the number of samples. There are 1,000 in all.",
        ),
        9 | 11 | 13 => run.diagnose(
            "one-tower-counted",
            format!("{percent} % is the share of one of the boxes of `copy_bytes`. A faster `copy_bytes` is faster in all places that call it."),
        ),
        20 | 22 | 24 => run.diagnose(
            "box-left-out",
            format!("{percent} % is the share of two of the boxes of `copy_bytes`. There are three."),
        ),
        46 => run.diagnose(
            "share-of-a-part",
            "46 % is the share of `copy_bytes` in `poll_task`. The server also waits and fires timers: its time is all of the 1,000 samples.",
        ),
        49 | 50 => run.diagnose(
            "saving-taken-for-speed",
            format!("{percent} % is how much more the server can do in the same time. What it saves is a share of its time, in percent of the 1,000 samples."),
        ),
        _ => run.diagnose(
            "share-miscounted",
            format!("The boxes of `copy_bytes` do not come to {percent} % of the 1,000 samples."),
        ),
    }
}

#[test]
fn each_server_wastes_what_its_trace_shows() {
    let run = run!();
    let answer = steady(&run, wasted);
    let expected = [
        Waste::WritesInPieces,
        Waste::SetsAnOption,
        Waste::ReadsInPieces,
    ];
    let calls = [
        (
            "server a",
            "2000 sendto, 1001 recvfrom, 1002 epoll_wait, 2 setsockopt",
        ),
        (
            "server b",
            "1000 sendto, 1001 recvfrom, 1002 epoll_wait, 1002 setsockopt",
        ),
        (
            "server c",
            "1000 sendto, 2001 recvfrom, 1002 epoll_wait, 2 setsockopt",
        ),
    ];
    for (((server, counts), yours), expected) in calls.into_iter().zip(answer).zip(expected) {
        run.recorder().says(server, counts);
        if yours == expected {
            continue;
        }
        run.recorder()
            .says(server, format!("your answer: {yours:?}"));
        if yours == Waste::AsksTooOften {
            run.diagnose(
                "wait-taken-for-waste",
                "`epoll_wait` was called 1,002 times for 1,000 requests of one client, in the fourth server, too. With one client each request \
                 is an event of its own, and the server sleeps until it comes.",
            );
        }
        run.diagnose(
            "wrong-call-blamed",
            format!("Compare {server} with the fourth, line by line: one count is larger, and it is not the one that `{yours:?}` would change."),
        );
    }
    let run = run!("servers");
    for (server, counts) in calls {
        run.recorder().says(server, counts);
    }
    snapshot!(run);
}

#[test]
fn each_report_has_the_flaw_that_you_name() {
    let run = run!();
    let [first, second, third] = steady(&run, flaws);
    if first != Flaw::OptimizedAway {
        missed(
            &run,
            ("report 1", first),
            "optimized-away",
            "In 240 ns a processor executes about a thousand instructions, and not a million awaits. The result of the awaits was not used, so the compiler removed the loop. A benchmark \
             hides its values with `black_box`, and looks at the machine code when a figure is too good.",
        );
    }
    if second != Flaw::MedianOfOne {
        missed(
            &run,
            ("report 2", second),
            "median-of-one",
            "There is one figure for each loop, and nothing says by how much two runs of the same loop differ. If that is 5 %, a difference of \
             4 % is chance. Several rounds in turn, the median of each, and the spread beside it would show.",
        );
    }
    if third != Flaw::MeasuredTheClient {
        missed(
            &run,
            ("report 3", third),
            "measured-the-client",
            "The core of the load was 100 % busy, and those of the servers were not. All three waited for the client. What differs is the \
             processor time for a request: 31, 58 and 44 % of a core for the same rate.",
        );
    }
}

#[track_caller]
fn missed(run: &Run, (report, answer): (&'static str, Flaw), code: &str, sentence: &str) -> ! {
    run.recorder()
        .says(report, format!("your answer: {answer:?}"));
    run.diagnose(code, sentence)
}
