//! The parts of an image: boxes, lines, arrows, words.

use std::fmt::Write as _;

use crate::model::{Fate, PointKind, WaitEnd, Wake};
use crate::text::Style;
use crate::text::band::{Band, Page, style};
use crate::text::grid::{During, Word};

/// The width that is kept for a letter: a little more than any usual font of fixed width needs at 13 pixels.
pub(super) const LETTER: usize = 8;
/// The height of a track.
pub(super) const LANE: usize = 34;
/// The height of a line of text.
const LINE: usize = 18;
/// From the top of a track to that of a box in it.
const INSET: usize = 5;

/// What is drawn so far, from the top down.
#[derive(Default)]
pub(super) struct Paper {
    pub(super) drawn: String,
    pub(super) height: usize,
}

impl Paper {
    pub(super) fn band(&mut self, band: &Band<'_>) {
        self.height += 6;
        let page = band.lay_out();
        let rows = page.rows.iter().flatten().count();
        let (moved, heading) = band.heading();
        let lines = if moved { 2 } else { 1 };
        let _ = writeln!(
            self.drawn,
            "<g class=\"band\" data-first=\"{}\" data-last=\"{}\" data-left=\"{}\" data-step=\"{}\" data-top=\"{}\" \
             data-tracks=\"{}\" data-bottom=\"{}\">",
            band.begin + 1,
            band.end,
            band.left() * LETTER,
            band.shape.step * LETTER,
            self.height,
            self.height + lines * LINE,
            self.height + lines * LINE + rows * LANE
        );
        if let Some(marked) = band.picture.marked.filter(|&step| band.has(step)) {
            let (x, width) = (band.column(marked) * LETTER - 4, band.shape.step * LETTER);
            let below = band.marked_below().map_or(0, |_| LINE);
            let height = lines * LINE + rows * LANE + below;
            let y = self.height;
            let _ = writeln!(
                self.drawn,
                "<rect class=\"column\"{} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>",
                during(marked, marked)
            );
        }
        for word in &heading.words {
            let line = if moved { word.row } else { 0 };
            self.word(word, self.height + line * LINE + 13);
        }
        self.height += lines * LINE;
        self.tracks(band, &page);
        self.drawn.push_str("<g class=\"words\">\n");
        for word in &page.grid.words {
            self.word(word, self.height + word.row * LANE + LANE / 2 + 5);
        }
        self.height += rows * LANE;
        if let Some(marked) = band.marked_below() {
            let (column, here) = (band.column(marked), Some((marked, marked)));
            self.text(column, self.height + 13, "here", Style::Fault, here);
            self.height += LINE;
        }
        self.drawn.push_str("</g>\n</g>\n");
    }

    fn word(&mut self, word: &Word, y: usize) {
        let during = word.during.map(|During { begin, end }| (begin, end));
        self.text(word.column, y, &word.text, word.style, during);
    }

    pub(super) fn line_of_text(&mut self, text: &str) {
        self.height += LINE;
        self.text(1, self.height, text, Style::Plain, None);
    }

    fn text(
        &mut self,
        column: usize,
        y: usize,
        text: &str,
        style: Style,
        steps: Option<(usize, usize)>,
    ) {
        let (x, class) = (column * LETTER, class(style));
        let steps = steps.map_or(String::new(), |(begin, end)| during(begin, end));
        let _ = writeln!(
            self.drawn,
            "<text class=\"{class}\"{steps} x=\"{x}\" y=\"{y}\">{}</text>",
            escape(text)
        );
    }

    fn tracks(&mut self, band: &Band<'_>, page: &Page) {
        let drawing = Drawing {
            top: self.height,
            band,
            page,
        };
        drawing.lines(&mut self.drawn);
        drawing.boxes(&mut self.drawn);
        for wake in band.picture.wakes.iter().filter(|wake| band.has(wake.step)) {
            drawing.wake(&mut self.drawn, wake);
        }
        drawing.points(&mut self.drawn);
    }
}

/// The tracks of one band, being drawn.
struct Drawing<'a> {
    top: usize,
    band: &'a Band<'a>,
    page: &'a Page,
}

impl Drawing<'_> {
    fn middle(&self, track: usize) -> Option<usize> {
        self.page.rows[track].map(|row| self.top + row * LANE + LANE / 2)
    }

    /// The middle of a letter's place in a step.
    fn x(&self, step: usize) -> usize {
        self.band.column(step) * LETTER + LETTER / 2
    }

    fn left(&self) -> usize {
        self.band.left() * LETTER
    }

    fn right(&self) -> usize {
        self.band.right() * LETTER
    }

    /// The right edge of a box whose last step this is; the left edge of the band, if that is before it.
    fn after(&self, step: usize) -> usize {
        if step < self.band.begin {
            self.left()
        } else {
            (self.band.box_end(step) + 1) * LETTER
        }
    }

    /// The left edge of what begins at a step, or the right edge of the band, if that is after it.
    fn before(&self, step: usize) -> usize {
        if step < self.band.end {
            self.band.column(step).max(self.band.left()) * LETTER
        } else {
            self.right()
        }
    }

    fn lines(&self, out: &mut String) {
        let picture = self.band.picture;
        for span in &picture.armed {
            let end = span.end.unwrap_or(usize::MAX);
            self.line(
                out,
                span.track,
                self.before(span.begin),
                self.before(end),
                "line faint armed",
                (span.begin, end),
            );
        }
        for wait in &picture.waits {
            let open = wait.by == WaitEnd::Nothing;
            let end = if open { usize::MAX } else { wait.end };
            let class = if open {
                "line fault wait"
            } else {
                "line waits wait"
            };
            let woken = picture.wakes.iter().filter(|wake| {
                wake.track == wait.track && wake.awaited && wake.fate != Fate::NotShown
            });
            let woken = woken
                .map(|wake| wake.step)
                .find(|step| (wait.begin..=end).contains(step));
            // From the wake on, its way takes the line's place.
            let to = woken
                .filter(|&step| step > wait.begin)
                .map_or(self.before(end), |step| self.before(step));
            let to = match self.band.word_of(wait) {
                Some(word) => word * LETTER - LETTER / 2,
                None => to,
            };
            self.line(
                out,
                wait.track,
                self.after(wait.begin),
                to,
                class,
                (wait.begin, end),
            );
        }
        for span in &picture.sleeps {
            let end = span.end.unwrap_or(usize::MAX);
            let Some(y) = self
                .middle(span.track)
                .filter(|_| self.is_here(span.begin, end))
            else {
                continue;
            };
            let (x, to) = (self.before(span.begin), self.before(end));
            if to <= x {
                continue;
            }
            let (y, width, height) = (
                y + INSET - LANE / 2,
                to.saturating_sub(x + LETTER),
                LANE - 2 * INSET,
            );
            let steps = self.during(span.begin, end);
            let _ = writeln!(
                out,
                "<rect class=\"line faint sleep\"{steps} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"12\"/>"
            );
        }
    }

    fn is_here(&self, begin: usize, end: usize) -> bool {
        begin < self.band.end && end >= self.band.begin
    }

    fn line(
        &self,
        out: &mut String,
        track: usize,
        from: usize,
        to: usize,
        class: &str,
        steps: (usize, usize),
    ) {
        if let Some(y) = self
            .middle(track)
            .filter(|_| self.is_here(steps.0, steps.1) && from < to)
        {
            let steps = self.during(steps.0, steps.1);
            let _ = writeln!(
                out,
                "<path class=\"{class}\"{steps} d=\"M{from} {y}H{to}\"/>"
            );
        }
    }

    /// The attributes of what is drawn for these steps.
    fn during(&self, begin: usize, end: usize) -> String {
        during(begin, end.min(self.band.picture.steps.len() - 1))
    }

    fn boxes(&self, out: &mut String) {
        let picture = self.band.picture;
        for call in &picture.calls {
            let last = picture.last_step(call);
            let Some(middle) = self
                .middle(call.track)
                .filter(|_| self.is_here(call.begin, last))
            else {
                continue;
            };
            let closed = call.end.is_some() && last < self.band.end;
            let (x, to) = (
                self.before(call.begin),
                if closed {
                    self.after(last)
                } else {
                    self.right()
                },
            );
            let (y, height, width) = (middle + INSET - LANE / 2, LANE - 2 * INSET, to - x);
            let class = class(style(call));
            let (bottom, begins) = (y + height, self.band.has(call.begin));
            let left = if begins {
                format!("M{x} {bottom}V{y}")
            } else {
                format!("M{x} {bottom}M{x} {y}")
            };
            let right = if closed {
                format!("V{bottom}")
            } else {
                format!("M{to} {bottom}")
            };
            let words = format!(
                "{}: {} {}",
                picture.name(call.track),
                call.text,
                call.outcome
            );
            let _ = writeln!(
                out,
                "<g class=\"{class}\"{}><title>{}</title><rect class=\"fill\" x=\"{x}\" y=\"{y}\" width=\"{width}\" \
                 height=\"{height}\"/><path class=\"line\" d=\"{left}H{to}{right}H{x}\"/></g>",
                during(call.begin, last),
                escape(words.trim_end())
            );
        }
    }

    fn wake(&self, out: &mut String, wake: &Wake) {
        let Some(y) = self.middle(wake.track) else {
            return;
        };
        let x = self.x(wake.step);
        let steps = self.during(wake.step, fate(wake));
        let _ = writeln!(out, "<g{steps}>");
        let class = if wake.fate == Fate::Nothing {
            "fault"
        } else {
            "wake"
        };
        let from = self
            .band
            .picture
            .track_of(wake.from)
            .and_then(|track| self.middle(track));
        if let Some(from) = from.filter(|&from| from != y) {
            let _ = writeln!(
                out,
                "<circle class=\"solid {class}\" cx=\"{x}\" cy=\"{from}\" r=\"2.5\"/>"
            );
            let (head, tip) = if from > y {
                (y + 9, y + 3)
            } else {
                (y - 9, y - 3)
            };
            let _ = writeln!(
                out,
                "<path class=\"line {class}\" d=\"M{x} {from}V{head}\"/>"
            );
            let _ = writeln!(
                out,
                "<path class=\"solid {class}\" d=\"M{} {head}H{}L{x} {tip}Z\"/>",
                x - 4,
                x + 4
            );
        }
        let _ = writeln!(
            out,
            "<circle class=\"solid {class}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>"
        );
        if wake.fate == Fate::Nothing && !wake.awaited {
            let end = x + 2 * LETTER;
            let _ = writeln!(out, "<path class=\"line {class}\" d=\"M{x} {y}H{end}\"/>");
            cross(out, end, y);
        }
        out.push_str("</g>\n");
    }

    /// The ways from wakes to polls: also those that only pass through this band.
    fn ways(&self, out: &mut String) {
        let picture = self.band.picture;
        for wake in &picture.wakes {
            let (end, lost) = match wake.fate {
                Fate::Poll(poll) => (picture.calls[poll].begin, false),
                Fate::Nothing if wake.awaited => (picture.steps.len(), true),
                Fate::AtTheEnd => (picture.steps.len(), false),
                _ => continue,
            };
            let Some(y) = self
                .middle(wake.track)
                .filter(|_| self.is_here(wake.step, end))
            else {
                continue;
            };
            let class = if lost { "fault" } else { "wake" };
            let inside = picture.calls.iter().filter(|call| {
                call.track == wake.track
                    && (call.begin..=picture.last_step(call)).contains(&wake.step)
            });
            let last = inside.map(|call| picture.last_step(call)).max();
            if last.is_some_and(|last| last >= self.band.end) {
                continue;
            }
            let from = match last {
                Some(last) => self.after(last),
                None if wake.step < self.band.begin => self.left(),
                None => self.x(wake.step),
            };
            let to = if end < self.band.end {
                self.before(end)
            } else {
                self.right()
            };
            let _ = writeln!(out, "<g{}>", self.during(wake.step, end));
            if lost && end == self.band.end {
                let to = to + 2;
                let _ = writeln!(out, "<path class=\"line {class}\" d=\"M{from} {y}H{to}\"/>");
                cross(out, to, y);
            } else if end < self.band.end {
                let back = to - 6;
                let _ = writeln!(
                    out,
                    "<path class=\"line {class}\" d=\"M{from} {y}H{back}\"/>"
                );
                let _ = writeln!(
                    out,
                    "<path class=\"solid {class}\" d=\"M{back} {}V{}L{to} {y}Z\"/>",
                    y - 4,
                    y + 4
                );
            } else {
                let _ = writeln!(out, "<path class=\"line {class}\" d=\"M{from} {y}H{to}\"/>");
            }
            out.push_str("</g>\n");
        }
    }

    fn points(&self, out: &mut String) {
        self.ways(out);
        for point in self
            .band
            .picture
            .points
            .iter()
            .filter(|point| self.band.has(point.step))
        {
            let Some(y) = self.middle(point.track) else {
                continue;
            };
            let x = self.x(point.step);
            let _ = writeln!(out, "<g{}>", self.during(point.step, point.step));
            let _ = match point.kind {
                PointKind::Says => writeln!(
                    out,
                    "<circle class=\"solid plain\" cx=\"{x}\" cy=\"{y}\" r=\"2\"/>"
                ),
                PointKind::Drops => {
                    writeln!(
                        out,
                        "<rect class=\"solid done\" x=\"{}\" y=\"{}\" width=\"8\" height=\"8\"/>",
                        x - 4,
                        y - 4
                    )
                }
                PointKind::Sets => writeln!(
                    out,
                    "<circle class=\"line faint\" cx=\"{x}\" cy=\"{y}\" r=\"3.5\"/>"
                ),
                PointKind::Fires => {
                    writeln!(
                        out,
                        "<path class=\"solid wake\" d=\"M{x} {}L{} {y}L{x} {}L{} {y}Z\"/>",
                        y - 5,
                        x + 5,
                        y + 5,
                        x - 5
                    )
                }
            };
            out.push_str("</g>\n");
        }
    }
}

/// The step that shows what came of a wake: the last of all, where it is that nothing came.
fn fate(wake: &Wake) -> usize {
    match wake.fate {
        Fate::Nothing => usize::MAX,
        Fate::Poll(_) | Fate::AtTheEnd | Fate::NotNeeded | Fate::NotShown => wake.step,
    }
}

/// The attributes that say from which step on something is seen, and with which one it is complete: the numbers of the axis.
/// The player goes by them.
fn during(begin: usize, end: usize) -> String {
    format!(" data-from=\"{}\" data-to=\"{}\"", begin + 1, end + 1)
}

/// The end of an arrow that ends in nothing.
fn cross(out: &mut String, x: usize, y: usize) {
    let (left, right, above, below) = (x - 4, x + 4, y - 4, y + 4);
    let _ = writeln!(
        out,
        "<path class=\"line fault\" d=\"M{left} {above}L{right} {below}M{left} {below}L{right} {above}\"/>"
    );
}

pub(super) fn class(style: Style) -> &'static str {
    match style {
        Style::Plain => "plain",
        Style::Faint => "faint",
        Style::Name => "name",
        Style::Waits => "waits",
        Style::Done => "done",
        Style::Call => "call",
        Style::Wake => "wake",
        Style::Fault => "fault",
    }
}

/// A text as it stands between tags and in attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
