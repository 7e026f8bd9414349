//! How wide everything is, and which signs are used.

use crate::model::{Call, Fate, Outcome, Picture, WaitEnd};
use crate::text::{Detail, Letters, Options};

/// The measures of a drawing.
pub(crate) struct Shape {
    /// The width of a line.
    pub(crate) width: usize,
    /// The width of the tracks' names.
    pub(crate) names: usize,
    /// The room behind the last step.
    pub(crate) tail: usize,
    /// The track that is left out.
    pub(crate) hidden: Option<usize>,
    /// How many steps stand in one band.
    pub(crate) steps: usize,
    /// The width of a step.
    pub(crate) step: usize,
    /// The signs.
    pub(crate) signs: &'static Signs,
}

/// The signs of a drawing.
pub(crate) struct Signs {
    pub(crate) wait: char,
    pub(crate) run: char,
    pub(crate) way: char,
    pub(crate) head: char,
    pub(crate) lost: char,
    pub(crate) woken_from_below: char,
    pub(crate) woken_from_above: char,
    pub(crate) woken: char,
    pub(crate) up: char,
    pub(crate) from_here_up: char,
    pub(crate) from_here_down: char,
    pub(crate) cross: char,
    pub(crate) says: char,
    pub(crate) drops: char,
    pub(crate) sets: char,
    pub(crate) fires: char,
    pub(crate) armed: char,
    pub(crate) cut: char,
    pub(crate) here: char,
}

const UNICODE: Signs = Signs {
    wait: '┄',
    run: '═',
    way: '─',
    head: '▶',
    lost: '✗',
    woken_from_below: '▲',
    woken_from_above: '▼',
    woken: '●',
    up: '│',
    from_here_up: '╧',
    from_here_down: '╤',
    cross: '┼',
    says: '·',
    drops: '■',
    sets: '○',
    fires: '◆',
    armed: '∙',
    cut: '…',
    here: '▲',
};

const ASCII: Signs = Signs {
    wait: '.',
    run: '=',
    way: '-',
    head: '>',
    lost: 'x',
    woken_from_below: '^',
    woken_from_above: 'v',
    woken: '*',
    up: '|',
    from_here_up: '+',
    from_here_down: '+',
    cross: '|',
    says: ':',
    drops: '#',
    sets: 'o',
    fires: '!',
    armed: ',',
    cut: '~',
    here: '^',
};

/// What stands behind the last step where a task waits to the end.
pub(crate) const WAITS: &str = "waits";
/// That word, a space, and a piece of the line that leads to it.
const TAIL: usize = WAITS.len() + 3;
/// No step is narrower: a box with one letter, and a gap.
const NARROWEST: usize = 4;
/// No step is wider than this, however much room there is.
const WIDEST: usize = 24;

impl Shape {
    pub(crate) fn of(picture: &Picture, options: &Options) -> Shape {
        let width = options.width.max(40);
        let longest = picture
            .tracks
            .iter()
            .map(|track| track.name.chars().count())
            .max();
        let names = longest.unwrap_or(0).min(if width < 60 { 8 } else { 16 });
        // One space before the names, two after them, and one kept free at the end of the line.
        // Behind the last step a word says who waits.
        let tail = picture.waiting_at_the_end().next().map_or(0, |_| TAIL);
        let room = width - names - 4 - tail;
        let steps = picture.steps.len();
        let wanted = wanted(picture).clamp(NARROWEST, WIDEST);
        let bands = (steps * wanted).div_ceil(room);
        let fits = |bands: usize| room / steps.div_ceil(bands) >= wanted.min(least(picture));
        // As few bands as leave the words readable, and of one length.
        let bands = (1..=bands)
            .find(|&bands| fits(bands))
            .unwrap_or(bands)
            .max(1);
        let in_one = steps.div_ceil(bands);
        let brief = options.detail == Detail::Brief;
        Shape {
            width,
            tail,
            hidden: picture.shown_by_its_pollers().filter(|_| brief),
            names,
            steps: in_one,
            step: (room / in_one).clamp(NARROWEST, wanted.max(NARROWEST)),
            signs: match options.letters {
                Letters::Unicode => &UNICODE,
                Letters::Ascii => &ASCII,
            },
        }
    }

    /// What the signs mean that this picture uses.
    pub(crate) fn key(&self, picture: &Picture) -> Option<String> {
        let signs = self.signs;
        let mut key = Vec::new();
        if !picture.waits.is_empty() {
            key.push(format!("{0}{0} waits", signs.wait));
        }
        let any = |fate: fn(&Fate) -> bool| picture.wakes.iter().any(|wake| fate(&wake.fate));
        let (up, down, at) = (signs.woken_from_below, signs.woken_from_above, signs.woken);
        if !picture.wakes.is_empty() {
            key.push(format!("{up}{down}{at} woken"));
        }
        if any(|fate| matches!(fate, Fate::Poll(_))) {
            key.push(format!("{0}{0}{1} to the poll", signs.way, signs.head));
        }
        if any(|fate| *fate == Fate::Nothing) {
            key.push(format!("{}{} no poll follows", signs.way, signs.lost));
        }
        if picture
            .points
            .iter()
            .any(|point| point.kind == crate::model::PointKind::Drops)
        {
            key.push(format!("{} dropped", signs.drops));
        }
        if !picture.armed.is_empty() {
            key.push(format!(
                "{}{} a timer is set and fires",
                signs.sets, signs.fires
            ));
        }
        (!key.is_empty()).then(|| key.join("   "))
    }
}

/// The width of a step in which every one-step call has room for its words, and each time for its digits.
fn wanted(picture: &Picture) -> usize {
    let calls = picture
        .calls
        .iter()
        .filter(|call| call.end == Some(call.begin));
    let labels = calls.map(|call| one_step(call)[0].chars().count() + 3);
    let long = picture
        .calls
        .iter()
        .filter(|call| call.end.is_some_and(|end| end > call.begin));
    let long = long.map(|call| {
        let words = call.text.chars().count().min(12) + call.outcome.chars().count() + 4;
        words.div_ceil(picture.last_step(call) - call.begin + 1)
    });
    let labels = labels.chain(long);
    let points = picture
        .points
        .iter()
        .map(|point| point.text.chars().count() + 2);
    let sleeps = picture
        .sleeps
        .iter()
        .map(|sleep| sleep.text.chars().count() + 3);
    let labels = labels.chain(points.chain(sleeps).map(|label| label.min(16)));
    labels
        .chain([widest_time(picture) + 1, NARROWEST])
        .max()
        .unwrap_or(NARROWEST)
}

/// The width below which a step would lose too much: that of `[pend…]`.
fn least(picture: &Picture) -> usize {
    let polls = picture
        .calls
        .iter()
        .any(|call| call.kind() == Outcome::Pending);
    let letters = if polls { 7 } else { 9 };
    letters.max(widest_time(picture) + 1)
}

fn widest_time(picture: &Picture) -> usize {
    let times = picture.steps.iter().filter(|step| step.moved);
    times
        .map(|step| format!("{:?}", step.at).chars().count())
        .max()
        .unwrap_or(0)
}

/// What may stand in the box of a call that takes one step, the longest first.
pub(crate) fn one_step(call: &Call) -> Vec<String> {
    let outcome = call.outcome.as_str();
    let letter = outcome.chars().next().unwrap_or('?').to_string();
    let mut labels = Vec::new();
    let plain = matches!(call.kind(), Outcome::Returns | Outcome::Open);
    if plain && matches!(outcome, "done" | "") {
        labels.push(call.text.clone());
        return labels;
    }
    if !call.is_poll() {
        labels.push(format!("{} → {outcome}", call.text));
        // Without the name, if that is too long: what is sent to a generator may be what matters. Then without what is sent.
        let (name, arguments) = call.text.split_once('(').unwrap_or((&call.text, ""));
        let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
        if !arguments.is_empty() {
            let first = outcome.split(' ').next().unwrap_or(outcome);
            labels.push(format!("{arguments}→{outcome}"));
            labels.push(format!("{arguments}→{first}"));
        }
        labels.push(format!("{name}→{outcome}"));
    }
    labels.push(outcome.to_owned());
    if call.kind() == Outcome::Pending {
        labels.push("pend".to_owned());
    }
    if call.kind() == Outcome::Ready {
        labels.push("ready".to_owned());
    }
    if call.is_poll() {
        labels.push(letter);
    }
    labels
}

/// Whether a wait goes on to the end of the recording.
pub(crate) fn is_open(by: WaitEnd) -> bool {
    by == WaitEnd::Nothing
}
