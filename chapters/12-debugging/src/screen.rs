//! A screen that shows the tasks of a running loop, as `top` shows processes.

use std::collections::HashMap;
use std::time::Duration;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Modifier, Style};

use debugging::seen::{Seen, SeenTask};

/// Lines below the table for the selected task.
const DETAILS: u16 = 8;

/// What the screen shows. It reads no clock and no terminal: the program does both.
#[derive(Debug, Default)]
pub struct Screen {
    seen: Seen,
    /// For each task what it waits for, and since when.
    since: HashMap<u64, (String, Duration)>,
    now: Duration,
    /// The number of the selected task.
    selected: Option<u64>,
    problem: Option<String>,
}

impl Screen {
    /// A screen that has seen nothing yet.
    #[must_use]
    pub fn new() -> Screen {
        Screen::default()
    }

    /// Takes in a dump that was made at `now`, on a clock of the program's choice.
    pub fn update(&mut self, seen: Seen, now: Duration) {
        let mut since = HashMap::new();
        for task in &seen.tasks {
            let waits_for = task.waits_for();
            let known = self.since.remove(&task.number);
            let known = known.filter(|(before, _)| *before == waits_for);
            since.insert(task.number, known.unwrap_or((waits_for, now)));
        }
        self.since = since;
        self.now = now;
        self.problem = None;
        self.seen = seen;
        if self.place().is_none() {
            self.selected = self.seen.tasks.first().map(|task| task.number);
        }
    }

    /// The program cannot get a dump, for this reason. What it has got stays.
    pub fn lost(&mut self, problem: &str) {
        self.problem = Some(problem.to_owned());
    }

    /// Selects the task that many rows below, or above.
    pub fn go(&mut self, rows: isize) {
        let last = self.seen.tasks.len().saturating_sub(1);
        let place = self.place().unwrap_or(0).saturating_add_signed(rows);
        let task = self.seen.tasks.get(place.min(last));
        self.selected = task.map(|task| task.number);
    }

    fn place(&self) -> Option<usize> {
        let is_it = |task: &SeenTask| Some(task.number) == self.selected;
        self.seen.tasks.iter().position(is_it)
    }

    /// Draws it.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let mut page = Page { area, buffer };
        page.line(
            0,
            &self.title(),
            Style::new().add_modifier(Modifier::REVERSED),
        );
        page.line(1, &columns("task", "name", "for", "waits for"), bold());
        let rows = area.height.saturating_sub(2 + DETAILS);
        let place = self.place().unwrap_or(0);
        // The first task that is shown: the selected one stays on the screen.
        let first = (place + 1).saturating_sub(usize::from(rows));
        let shown = self.seen.tasks.iter().skip(first);
        for (row, task) in (0..rows).zip(shown) {
            let style = match Some(task.number) == self.selected {
                true => Style::new().add_modifier(Modifier::REVERSED),
                false => Style::new(),
            };
            page.line(2 + row, &self.row(task), style);
        }
        if let Some(task) = self.seen.tasks.get(place) {
            self.details(task, 2 + rows, &mut page);
        }
    }

    fn title(&self) -> String {
        let tasks = match self.seen.tasks.len() {
            1 => "1 task".to_owned(),
            tasks => format!("{tasks} tasks"),
        };
        match &self.problem {
            Some(problem) => format!(" {tasks} when last seen · {problem} · q quits"),
            None => format!(
                " process {} · {tasks} · ↑ ↓ select, q quits",
                self.seen.process
            ),
        }
    }

    fn row(&self, task: &SeenTask) -> String {
        let since = self
            .since
            .get(&task.number)
            .map_or(self.now, |(_, since)| *since);
        let waited = self.now.saturating_sub(since).as_secs();
        columns(
            &task.number.to_string(),
            &task.name,
            &format!("{waited} s"),
            &task.waits_for(),
        )
    }

    fn details(&self, task: &SeenTask, top: u16, page: &mut Page<'_>) {
        let heading = format!(
            "task {} {}, spawned at {}",
            task.number, task.name, task.place
        );
        page.line(top, &heading, bold());
        let paths = task.leaves.iter().flat_map(|leaf| {
            let waits =
                (!leaf.waits_for.is_empty()).then(|| format!("    waits for {}", leaf.waits_for));
            [Some(format!("  {}", leaf.path)), waits]
        });
        let lines: Vec<String> = match &task.leaves[..] {
            [] => vec![format!("  {}", task.state)],
            _ => paths.flatten().collect(),
        };
        for (row, line) in (1..DETAILS).zip(&lines) {
            page.line(top + row, line, Style::new());
        }
    }
}

fn columns(task: &str, name: &str, time: &str, waits_for: &str) -> String {
    let name: String = name.chars().take(18).collect();
    format!("{task:>6}  {name:18} {time:>7}  {waits_for}")
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

struct Page<'a> {
    area: Rect,
    buffer: &'a mut Buffer,
}

impl Page<'_> {
    /// Writes a line, as far as it fits.
    fn line(&mut self, row: u16, text: &str, style: Style) {
        if row >= self.area.height {
            return;
        }
        let (left, top, width) = (self.area.x, self.area.y + row, self.area.width);
        self.buffer
            .set_stringn(left, top, text, usize::from(width), style);
        self.buffer.set_style(Rect::new(left, top, width, 1), style);
    }
}
