//! The screen of `ch12-top`, on a terminal of the test's own.

use std::time::Duration;

use debugging::screen::Screen;
use debugging::seen::Seen;
use ratatui_core::backend::TestBackend;
use ratatui_core::terminal::Terminal;

const SECOND: Duration = Duration::from_secs(1);

const DUMP: &str = "\
process\t4711
task\t1\tkitchen\tsrc/bin/ch12-1-kitchen.rs:14\tis suspended
leaf\tkitchen  src/bin/ch12-1-kitchen.rs:36 → JoinHandle  src/join.rs:113\ttask 2
task\t2\tbread\tsrc/bin/ch12-1-kitchen.rs:23\tis suspended
leaf\tbake  src/bin/ch12-1-kitchen.rs:44 → Sleep  src/sleep.rs:69\ta timer, due at 4s
task\t3\tcake\tsrc/bin/ch12-1-kitchen.rs:23\tis suspended
leaf\tbake  src/bin/ch12-1-kitchen.rs:43 → Lock  src/mutex.rs:99\tthe oven, held by bread
task\t4\tspin\tsrc/bin/ch12-1-kitchen.rs:30\tis being polled, and that poll has not returned
end
";

fn seen(lines: &str) -> Seen {
    Seen::read(lines.as_bytes()).unwrap()
}

fn drawn(screen: &Screen, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let draw = |frame: &mut ratatui_core::terminal::Frame<'_>| {
        screen.draw(frame.area(), frame.buffer_mut());
    };
    terminal.draw(draw).unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content.chunks(usize::from(width)).map(|row| {
        let row: String = row.iter().map(|cell| cell.symbol()).collect();
        row.trim_end().to_owned() + "\n"
    });
    rows.collect()
}

#[test]
fn the_screen_shows_each_task_what_it_waits_for_and_since_when() {
    let mut screen = Screen::new();
    screen.update(seen(DUMP), Duration::ZERO);
    let later = DUMP.replace("due at 4s", "due at 9s");
    screen.update(seen(&later), 3 * SECOND);
    screen.update(seen(&later), 5 * SECOND);
    screen.go(2);
    assert_eq!(drawn(&screen, 80, 24), include_str!("screen/top.txt"));
}

#[test]
fn the_selected_task_stays_on_a_screen_that_is_too_small_for_all() {
    let mut lines = "process\t1\n".to_owned();
    for number in 1..=1_000 {
        lines += &format!("task\t{number}\tworker\tsrc/main.rs:1\tis suspended\n");
    }
    let mut screen = Screen::new();
    screen.update(seen(&(lines + "end\n")), Duration::ZERO);
    screen.go(700);
    let shown = drawn(&screen, 80, 24);
    assert!(shown.contains("   701  worker"), "{shown}");
    assert!(shown.contains("task 701 worker, spawned at"), "{shown}");
    screen.go(isize::MAX);
    assert!(drawn(&screen, 80, 24).contains("  1000  worker"));
    screen.go(isize::MIN);
    assert!(drawn(&screen, 80, 24).contains("     1  worker"));
}

#[test]
fn a_selected_task_that_is_gone_gives_way_to_the_first() {
    let mut screen = Screen::new();
    screen.update(seen(DUMP), Duration::ZERO);
    screen.go(3);
    let fewer: String = DUMP
        .lines()
        .filter(|line| !line.contains("spin"))
        .map(|line| format!("{line}\n"))
        .collect();
    screen.update(seen(&fewer), SECOND);
    assert!(drawn(&screen, 80, 24).contains("task 1 kitchen, spawned at"));
}

#[test]
fn a_program_that_is_gone_is_reported_and_what_was_seen_stays() {
    let mut screen = Screen::new();
    screen.update(seen(DUMP), Duration::ZERO);
    screen.lost("connection refused");
    let shown = drawn(&screen, 80, 24);
    assert!(
        shown.contains("4 tasks when last seen · connection refused"),
        "{shown}"
    );
    assert!(shown.contains("the oven, held by bread"), "{shown}");
}

#[test]
fn every_size_of_the_terminal_can_be_drawn() {
    let mut screen = Screen::new();
    for height in [1, 2, 3, 9, 10, 11, 50] {
        for width in [1, 10, 200] {
            drawn(&screen, width, height);
            screen.update(seen(DUMP), Duration::ZERO);
        }
    }
}
