//! The tasks of a running loop, once a second, as `top` shows processes:
//!
//! ```text
//! ch12-top SOCKET                 a program that serves dumps there
//! ch12-top -- PROGRAM ARGUMENT…   starts a program that uses `debugging::run`
//! ```

#[cfg(not(unix))]
fn main() {
    closed_output::end_quietly();
    println!("there are no sockets in the file system here");
}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    match top::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ch12-top: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
mod top {
    use std::io::{self, Stdout};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use crossterm::cursor::{Hide, Show};
    use crossterm::event::{self, Event, KeyCode, KeyModifiers};
    use crossterm::execute;
    use crossterm::terminal::{
        EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
    };
    use debugging::screen::Screen;
    use debugging::serve::{VARIABLE, fetch_dump};
    use ratatui_core::terminal::Terminal;
    use ratatui_crossterm::CrosstermBackend;

    /// The time between two dumps. Each polls every task of the program once.
    const PERIOD: Duration = Duration::from_secs(1);

    pub(super) fn run() -> io::Result<()> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let (socket, _program) = match &arguments[..] {
            [socket] if socket != "--" => (PathBuf::from(socket), None),
            [dashes, program, arguments @ ..] if dashes == "--" => {
                let (socket, program) = start(program, arguments)?;
                (socket, Some(program))
            }
            _ => return Err(io::Error::other("name a socket, or -- and a program")),
        };
        let mut terminal = Taken::new()?;
        show(&socket, &mut terminal.drawn)
    }

    fn show(socket: &PathBuf, terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
        let begin = Instant::now();
        let mut screen = Screen::new();
        loop {
            match fetch_dump(socket) {
                Ok(seen) => screen.update(seen, begin.elapsed()),
                Err(error) => screen.lost(&error.to_string()),
            }
            let next = Instant::now() + PERIOD;
            loop {
                terminal.draw(|frame| screen.draw(frame.area(), frame.buffer_mut()))?;
                let left = next.saturating_duration_since(Instant::now());
                if left.is_zero() || !event::poll(left)? {
                    break;
                }
                let Event::Key(key) = event::read()? else {
                    continue;
                };
                match key.code {
                    KeyCode::Char('q') | KeyCode::Esc => return Ok(()),
                    KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                        return Ok(());
                    }
                    KeyCode::Up | KeyCode::Char('k') => screen.go(-1),
                    KeyCode::Down | KeyCode::Char('j') => screen.go(1),
                    _ => {}
                }
            }
        }
    }

    /// Starts a program that serves its dumps, without input or output.
    fn start(program: &str, arguments: &[String]) -> io::Result<(PathBuf, Program)> {
        let name = format!("ch12-top-{}.sock", std::process::id());
        let socket = std::env::temp_dir().join(name);
        let child = Command::new(program)
            .args(arguments)
            .env("LOOP_DEBUG", "1")
            .env(VARIABLE, &socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let program = Program(child, socket.clone());
        Ok((socket, program))
    }

    /// Ends with this program.
    struct Program(Child, PathBuf);

    impl Drop for Program {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
            let _ = std::fs::remove_file(&self.1);
        }
    }

    /// The terminal, which gets back what it showed before when this is dropped.
    struct Taken {
        drawn: Terminal<CrosstermBackend<Stdout>>,
    }

    impl Taken {
        fn new() -> io::Result<Taken> {
            let drawn = Terminal::new(CrosstermBackend::new(io::stdout()))?;
            enable_raw_mode()?;
            let taken = Taken { drawn };
            execute!(io::stdout(), EnterAlternateScreen, Hide)?;
            Ok(taken)
        }
    }

    impl Drop for Taken {
        fn drop(&mut self) {
            let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
            let _ = disable_raw_mode();
        }
    }
}
