//! One band of a drawing: as many steps as fit beside each other.

use crate::model::{
    Call, Fate, Outcome, Picture, Point, PointKind, Source, Span, Wait, WaitEnd, Wake,
};
use crate::text::Style;
use crate::text::grid::Grid;
use crate::text::shape::{Shape, WAITS, is_open, one_step};

/// What stands at the marked step.
const HERE: &str = "here";

/// The steps from `begin` up to `end`, which is not in it.
pub(crate) struct Band<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) shape: &'a Shape,
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

/// What is drawn into: the page, and which track has which row.
pub(crate) struct Page {
    pub(crate) grid: Grid,
    pub(crate) rows: Vec<Option<usize>>,
}

impl<'a> Band<'a> {
    /// The bands of a picture.
    pub(crate) fn all(picture: &'a Picture, shape: &'a Shape) -> Vec<Band<'a>> {
        let steps = picture.steps.len();
        let begins = (0..steps).step_by(shape.steps);
        begins
            .map(|begin| Band {
                picture,
                shape,
                begin,
                end: (begin + shape.steps).min(steps),
            })
            .collect()
    }
}

impl Band<'_> {
    pub(crate) fn draw(&self, ink: &impl Fn(Style, &str) -> String) -> String {
        let page = self.lay_out();
        let (moved, heading) = self.heading();
        let mut lines = heading.lines(ink);
        if !moved {
            lines.remove(0);
        }
        lines.extend(page.grid.lines(ink));
        lines.extend(self.mark(ink));
        lines.join("\n") + "\n"
    }

    /// Everything but the axis and the mark, in its place.
    pub(crate) fn lay_out(&self) -> Page {
        let mut page = self.page();
        self.names(&mut page);
        self.lines(&mut page);
        self.boxes(&mut page);
        self.wakes(&mut page);
        self.points(&mut page);
        self.labels(&mut page);
        page
    }

    fn page(&self) -> Page {
        let mut rows = Vec::new();
        let mut used = 0;
        for track in 0..self.picture.tracks.len() {
            rows.push(self.shows(track).then_some(used));
            used += usize::from(self.shows(track));
        }
        Page {
            grid: Grid::new(used, self.right()),
            rows,
        }
    }

    /// Whether anything of a track is in this band.
    fn shows(&self, track: usize) -> bool {
        if self.shape.hidden == Some(track) {
            return false;
        }
        let picture = self.picture;
        let here = |begin: usize, end: usize| begin < self.end && end >= self.begin;
        let spans = picture.sleeps.iter().chain(&picture.armed);
        picture
            .calls
            .iter()
            .any(|call| call.track == track && here(call.begin, picture.last_step(call)))
            || picture
                .waits
                .iter()
                .any(|wait| wait.track == track && here(wait.begin, wait.end))
            || picture
                .wakes
                .iter()
                .any(|wake| wake.track == track && here(wake.step, wake.step))
            || picture
                .points
                .iter()
                .any(|point| point.track == track && here(point.step, point.step))
            || spans.into_iter().any(|span| {
                span.track == track
                    && here(
                        span.begin,
                        span.end.map_or(self.end, |end| end.saturating_sub(1)),
                    )
            })
    }

    pub(crate) fn left(&self) -> usize {
        self.shape.names + 3
    }

    pub(crate) fn right(&self) -> usize {
        let tail = if self.end == self.picture.steps.len() {
            self.shape.tail
        } else {
            0
        };
        self.column(self.end) + tail
    }

    /// Where the word stands that says that this wait goes on to the end. Where the way of a wake ends there, no word does.
    pub(crate) fn word_of(&self, wait: &Wait) -> Option<usize> {
        let mut waiting = self.picture.waiting_at_the_end();
        let woken = |wake: &Wake| wake.track == wait.track && wake.awaited;
        let steps = self.picture.steps.len();
        // An event at the last step already says how this ends, as "is not woken" does.
        let ends = |point: &Point| point.track == wait.track && point.step + 1 == steps;
        let said = self.end == steps
            && waiting.any(|other| other == wait)
            && !self.picture.lost().any(woken)
            && !self.picture.points.iter().any(ends);
        said.then(|| self.right() - WAITS.len())
    }

    pub(crate) fn column(&self, step: usize) -> usize {
        self.left() + step.saturating_sub(self.begin) * self.shape.step
    }

    pub(crate) fn has(&self, step: usize) -> bool {
        (self.begin..self.end).contains(&step)
    }

    /// The last column of a box that ends at a step: the one after it stays free.
    pub(crate) fn box_end(&self, step: usize) -> usize {
        if step < self.begin {
            self.left().saturating_sub(2)
        } else {
            self.column(step + 1) - 2
        }
    }

    fn names(&self, page: &mut Page) {
        for (track, row) in page.rows.iter().enumerate() {
            let Some(row) = row else { continue };
            let name = self
                .cut(self.picture.name(track), self.shape.names)
                .unwrap_or_default();
            let first = self.picture.first_step_of(track);
            let word = page.grid.write(*row, 1, &name, Style::Name);
            word.during(first, first);
        }
    }

    /// Waits, timers, sleeps, and the ways from wakes to polls.
    fn lines(&self, page: &mut Page) {
        let signs = self.shape.signs;
        for span in &self.picture.armed {
            let end = span
                .end
                .map_or(self.right(), |end| self.column(end.min(self.end)));
            self.line(
                page,
                span.track,
                span.begin,
                self.column(span.begin),
                end,
                signs.armed,
                Style::Faint,
            );
        }
        for wait in &self.picture.waits {
            let end = match wait.by {
                WaitEnd::Poll(_) | WaitEnd::Over if wait.end < self.end => {
                    self.column(wait.end).saturating_sub(1)
                }
                _ => self.right(),
            };
            let from = self.box_end(wait.begin) + 1;
            let style = if is_open(wait.by) {
                Style::Fault
            } else {
                Style::Waits
            };
            let end = match self.word_of(wait) {
                Some(word) => word - 1,
                None => end,
            };
            self.line(page, wait.track, wait.begin, from, end, signs.wait, style);
        }
        for wake in &self.picture.wakes {
            let begin = match wake.fate {
                Fate::Poll(poll) => self.picture.calls[poll].begin,
                Fate::Nothing if wake.awaited => self.picture.steps.len(),
                Fate::AtTheEnd => self.picture.steps.len(),
                _ => continue,
            };
            let end = if begin < self.end {
                self.column(begin)
            } else {
                self.right()
            };
            if begin < self.begin {
                continue;
            }
            let style = if wake.fate == Fate::Nothing {
                Style::Fault
            } else {
                Style::Wake
            };
            self.line(
                page,
                wake.track,
                wake.step,
                self.column(wake.step),
                end,
                signs.way,
                style,
            );
            if let (Some(row), true) = (
                page.rows[wake.track],
                begin == self.end && style == Style::Fault,
            ) {
                page.grid.keep(row, self.right() - 1, signs.lost, style);
            }
            if let (Some(row), true) = (
                page.rows[wake.track],
                begin < self.end && begin > self.begin && style == Style::Wake,
            ) {
                page.grid
                    .set(row, self.column(begin) - 1, signs.head, Style::Wake);
            }
        }
        for span in &self.picture.sleeps {
            self.sleep(page, span);
        }
    }

    /// A line in a track, cut to this band.
    #[expect(clippy::too_many_arguments)]
    fn line(
        &self,
        page: &mut Page,
        track: usize,
        begin: usize,
        from: usize,
        to: usize,
        sign: char,
        style: Style,
    ) {
        let Some(row) = page.rows[track] else { return };
        if begin < self.end {
            let from = from.max(self.left());
            page.grid
                .fill(row, from, to.max(from).min(self.right()), sign, style);
        }
    }

    fn sleep(&self, page: &mut Page, span: &Span) {
        let last = span.end.unwrap_or(usize::MAX);
        let Some(row) = page.rows[span.track] else {
            return;
        };
        if span.begin >= self.end || last <= self.begin {
            return;
        }
        let (from, to) = (self.column(span.begin), self.column(last.min(self.end)) - 1);
        page.grid.fill(row, from, to, ' ', Style::Faint);
        if self.has(span.begin) {
            page.grid.keep(row, from, '(', Style::Faint);
        }
        if last <= self.end {
            page.grid.keep(row, to - 1, ')', Style::Faint);
        }
    }

    fn boxes(&self, page: &mut Page) {
        for call in &self.picture.calls {
            let (Some(row), last) = (page.rows[call.track], self.picture.last_step(call)) else {
                continue;
            };
            if call.begin >= self.end || last < self.begin {
                continue;
            }
            let style = style(call);
            let closed = call.end.is_some() && last < self.end;
            let to = if closed {
                self.box_end(last)
            } else {
                self.right()
            };
            let from = self.column(call.begin);
            let inside = if call.end == Some(call.begin) {
                ' '
            } else {
                self.shape.signs.run
            };
            page.grid.fill(row, from, to, inside, style);
            if self.has(call.begin) {
                page.grid.keep(row, from, '[', style);
            }
            if closed {
                page.grid.keep(row, to, ']', style);
            }
        }
    }

    fn wakes(&self, page: &mut Page) {
        for wake in self.picture.wakes.iter().filter(|wake| self.has(wake.step)) {
            self.wake(page, wake);
        }
    }

    fn wake(&self, page: &mut Page, wake: &Wake) {
        let signs = self.shape.signs;
        let Some(row) = page.rows[wake.track] else {
            return;
        };
        let column = self.column(wake.step);
        let lost = wake.fate == Fate::Nothing;
        let style = if lost { Style::Fault } else { Style::Wake };
        let from = self
            .picture
            .track_of(wake.from)
            .and_then(|track| page.rows[track]);
        let sign = match from {
            Some(from) if from > row => signs.woken_from_below,
            Some(from) if from < row => signs.woken_from_above,
            _ => signs.woken,
        };
        page.grid.keep(row, column, sign, style);
        if let Some(from) = from.filter(|from| *from != row) {
            self.rise(page, wake, from, row, style);
        }
        if lost && !wake.awaited {
            page.grid.keep(row, column + 1, signs.way, style);
            page.grid.keep(row, column + 2, signs.lost, style);
        }
    }

    /// The way of a wake across the tracks, from the caller to the task that is woken.
    fn rise(&self, page: &mut Page, wake: &Wake, from: usize, to: usize, style: Style) {
        let signs = self.shape.signs;
        let column = self.column(wake.step);
        for row in from.min(to) + 1..from.max(to) {
            let sign = if page.grid.letter(row, column) == ' ' {
                signs.up
            } else {
                signs.cross
            };
            page.grid.keep(row, column, sign, style);
        }
        let sign = if to < from {
            signs.from_here_up
        } else {
            signs.from_here_down
        };
        page.grid.keep(from, column, sign, style);
        if let Source::Timer(_) = wake.from {
            let before = self.column(wake.step.saturating_sub(1));
            let first = (before + 1..column).find(|&at| !page.grid.is_kept(from, at));
            page.grid
                .fill(from, first.unwrap_or(column), column, signs.way, style);
        }
    }

    fn points(&self, page: &mut Page) {
        let signs = self.shape.signs;
        for point in self
            .picture
            .points
            .iter()
            .filter(|point| self.has(point.step))
        {
            let Some(row) = page.rows[point.track] else {
                continue;
            };
            let (sign, style) = match point.kind {
                PointKind::Says => (signs.says, Style::Plain),
                PointKind::Drops => (signs.drops, Style::Done),
                PointKind::Sets => (signs.sets, Style::Faint),
                PointKind::Fires => (signs.fires, Style::Wake),
            };
            page.grid.keep(row, self.column(point.step), sign, style);
        }
    }

    fn labels(&self, page: &mut Page) {
        for call in &self.picture.calls {
            self.label(page, call);
        }
        for point in self
            .picture
            .points
            .iter()
            .filter(|point| self.has(point.step))
        {
            let Some(row) = page.rows[point.track] else {
                continue;
            };
            let during = (point.step, point.step);
            self.words(page, row, during, &point.text, Style::Plain);
        }
        for wait in &self.picture.waits {
            if let (Some(row), Some(word)) = (page.rows[wait.track], self.word_of(wait)) {
                let last = self.picture.steps.len() - 1;
                let word = page.grid.write(row, word, WAITS, Style::Fault);
                word.during(last, last);
            }
        }
        for span in self
            .picture
            .sleeps
            .iter()
            .filter(|span| self.has(span.begin))
        {
            let Some(row) = page.rows[span.track] else {
                continue;
            };
            let from = self.column(span.begin) + 1;
            let room = page.grid.room(row, from, self.right());
            let labels = [span.text.as_str(), "sleeps", "zzz"];
            if let Some(label) = labels.iter().find(|label| label.chars().count() <= room) {
                let word = page.grid.write(row, from, label, Style::Faint);
                word.during(span.begin, span.begin);
            }
        }
    }

    /// What a call is, and what came of it.
    fn label(&self, page: &mut Page, call: &Call) {
        let Some(row) = page.rows[call.track] else {
            return;
        };
        let last = self.picture.last_step(call);
        let style = style(call);
        if call.end == Some(call.begin) && self.has(call.begin) {
            let from = self.column(call.begin) + 1;
            let room = page.grid.room(row, from, self.right());
            let labels = one_step(call);
            let whole = labels.iter().find(|label| label.chars().count() <= room);
            let cut = || {
                self.cut(
                    labels.iter().rfind(|label| label.chars().count() > 1)?,
                    room,
                )
            };
            if let Some(label) = whole.cloned().or_else(cut) {
                let word = page.grid.write(row, from, &label, style);
                word.during(last, last);
            }
            return;
        }
        if call.end.is_some() && self.has(last) && last > call.begin && call.outcome != "done" {
            let to = self.box_end(last);
            let from = self.column(call.begin) + 2;
            let free = (from..to)
                .rev()
                .take_while(|&column| !page.grid.is_kept(row, column))
                .count();
            if let Some(text) = self.cut(&call.outcome, free) {
                let from = to - text.chars().count();
                page.grid.write(row, from, &text, style).during(last, last);
            }
        }
        if self.has(call.begin) {
            let text = if call.is_poll() && call.of.is_none() {
                "polled"
            } else {
                &call.text
            };
            let during = (call.begin, last);
            self.words(page, row, during, text, style);
        }
    }

    /// Writes words behind the sign of a step where there is room, with one column free behind them.
    fn words(
        &self,
        page: &mut Page,
        row: usize,
        (begin, end): (usize, usize),
        text: &str,
        style: Style,
    ) {
        let from = self.column(begin) + 1;
        let to_the_edge = page.grid.room(row, from, self.right());
        let room = if from + to_the_edge == self.right() {
            to_the_edge
        } else {
            to_the_edge.saturating_sub(1)
        };
        if let Some(text) = self.cut(text, room) {
            page.grid.write(row, from, &text, style).during(begin, end);
        }
    }

    /// A text cut to this number of characters; none if too little would be left.
    fn cut(&self, text: &str, room: usize) -> Option<String> {
        match text.chars().count() {
            length if length <= room => Some(text.to_owned()),
            _ if room < 3 => None,
            _ => Some(
                text.chars()
                    .take(room - 1)
                    .chain([self.shape.signs.cut])
                    .collect(),
            ),
        }
    }

    /// The times where time moves, which may be nowhere, and below them the numbers of the steps.
    pub(crate) fn heading(&self) -> (bool, Grid) {
        let mut page = Grid::new(2, self.right());
        let mut moved = false;
        for step in self.begin..self.end {
            let this = &self.picture.steps[step];
            let style = if self.picture.marked == Some(step) {
                Style::Fault
            } else {
                Style::Faint
            };
            let number = (step + 1).to_string();
            let column = self.column(step);
            page.write(1, column, &number, style).during(step, step);
            if self.picture.marked == Some(step) && self.axis_has_room_for_the_mark() {
                let behind = column + number.len() + 1;
                page.write(1, behind, HERE, style).during(step, step);
            }
            if this.moved {
                moved = true;
                let time = format!("{:?}", this.at);
                page.write(0, column, &time, Style::Faint)
                    .during(step, step);
            }
        }
        (moved, page)
    }

    /// Whether the mark stands behind the number of its step; else it has a row of its own.
    fn axis_has_room_for_the_mark(&self) -> bool {
        let number = self.picture.steps.len().to_string();
        number.len() + 1 + HERE.len() < self.shape.step
    }

    /// The marked step, if the mark has a row of its own in this band.
    pub(crate) fn marked_below(&self) -> Option<usize> {
        let marked = self.picture.marked.filter(|&step| self.has(step));
        marked.filter(|_| !self.axis_has_room_for_the_mark())
    }

    /// The row that points at the marked step.
    fn mark(&self, ink: &impl Fn(Style, &str) -> String) -> Option<String> {
        let marked = self.marked_below()?;
        let column = self.column(marked);
        let sign = self.shape.signs.here;
        let (from, text) = if column + 6 <= self.shape.width {
            (column, format!("{sign} {HERE}"))
        } else {
            (column - 5, format!("{HERE} {sign}"))
        };
        Some(format!("{}{}", " ".repeat(from), ink(Style::Fault, &text)))
    }
}

/// The style of a call's box.
pub(crate) fn style(call: &Call) -> Style {
    match call.kind() {
        Outcome::Pending => Style::Waits,
        Outcome::Ready | Outcome::Completes => Style::Done,
        Outcome::Panics => Style::Fault,
        Outcome::Yields | Outcome::Returns | Outcome::Open => Style::Call,
    }
}
