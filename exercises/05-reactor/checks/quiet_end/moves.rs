//! What the kernel can report in a short run, and which differences have a name.

use std::borrow::Cow;

use super::served::NOT_THE_END;
use probe::runs::{Known, Operation};
use reactor::Happened;

/// A change in the kernel and the event that reports it, or an event alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) arrives: usize,
    pub(super) ends: bool,
    pub(super) room: usize,
    pub(super) breaks: bool,
    pub(super) interrupts: bool,
    pub(super) says: Happened,
}

const SILENT: Happened = Happened {
    readable: false,
    writable: false,
    read_closed: false,
    write_closed: false,
    error: false,
};
pub(super) const READABLE: Happened = Happened {
    readable: true,
    ..SILENT
};
const WRITABLE: Happened = Happened {
    writable: true,
    ..SILENT
};
const READ_CLOSED: Happened = Happened {
    read_closed: true,
    ..SILENT
};
const BOTH: Happened = Happened {
    readable: true,
    ..READ_CLOSED
};
const WRITE_CLOSED: Happened = Happened {
    write_closed: true,
    ..SILENT
};
const ERROR: Happened = Happened {
    error: true,
    ..SILENT
};

const fn says(says: Happened) -> Move {
    Move {
        arrives: 0,
        ends: false,
        room: 0,
        breaks: false,
        interrupts: false,
        says,
    }
}

pub(super) const MOVES: [Move; 14] = [
    Move {
        arrives: 3,
        ..says(READABLE)
    },
    Move {
        arrives: 40,
        ..says(READABLE)
    },
    Move {
        arrives: 3,
        ends: true,
        ..says(BOTH)
    },
    Move {
        arrives: 40,
        ends: true,
        ..says(BOTH)
    },
    Move {
        arrives: 3,
        says: Happened {
            write_closed: true,
            ..READABLE
        },
        ..says(READABLE)
    },
    Move {
        ends: true,
        ..says(BOTH)
    },
    Move {
        ends: true,
        ..says(READ_CLOSED)
    },
    Move {
        room: 2,
        ..says(WRITABLE)
    },
    Move {
        room: 100,
        ..says(WRITABLE)
    },
    Move {
        breaks: true,
        ..says(ERROR)
    },
    Move {
        interrupts: true,
        ..says(READABLE)
    },
    says(READ_CLOSED),
    says(WRITE_CLOSED),
    says(SILENT),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        "kernel".into()
    }

    fn call(&self) -> Cow<'static, str> {
        let mut parts = Vec::new();
        match self.arrives {
            0 => {}
            count => parts.push(format!("{count} bytes arrive")),
        }
        for (is_so, text) in [
            (self.ends, "the end arrives"),
            (self.breaks, "the connection is reset"),
            (self.interrupts, "the next call will be interrupted"),
        ] {
            parts.extend(is_so.then(|| text.to_owned()));
        }
        if self.room > 0 {
            parts.push(format!("room for {} bytes more", self.room));
        }
        parts.push(format!("reports: {}", words(self.says)));
        parts.join("; ").into()
    }

    fn happened(&self) -> Cow<'static, str> {
        self.call()
            .replace("reports:", "the kernel reported:")
            .into()
    }
}

pub(super) fn words(happened: Happened) -> String {
    let words = [
        (happened.readable, "readable"),
        (happened.writable, "writable"),
        (happened.read_closed, "read closed"),
        (happened.write_closed, "write closed"),
        (happened.error, "error"),
    ];
    let words: Vec<_> = words
        .iter()
        .filter(|word| word.0)
        .map(|word| word.1)
        .collect();
    if words.is_empty() {
        return "nothing".to_owned();
    }
    words.join(", ")
}

pub(super) const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "eof-behind-short-read",
        sentence: "Every byte came back, the end could be read, and the echo waits for an event. There is none: the kernel reported the \
                   end before.",
        shows: |difference| {
            let same =
                difference.your_step().about("peer") == difference.expected_step().about("peer");
            same && difference.your_step().outcome() == "Waits"
                && difference.expected_step().outcome() == "Done"
        },
    },
    Known {
        mistake: "stopped-before-wouldblock",
        sentence: "Bytes could be read and sent, and the echo waits for an event. The kernel reported them before, and does not report them again.",
        shows: |difference| {
            let same =
                difference.your_step().about("peer") == difference.expected_step().about("peer");
            !same && difference.your_step().outcome() == "Waits"
        },
    },
    Known {
        mistake: "closed-over-unread",
        sentence: "The echo returned `Done`, and bytes that the peer sent are still in the socket.",
        shows: |difference| difference.your_step().outcome().ends_with("unread"),
    },
    Known {
        mistake: "closed-before-flush",
        sentence: "The echo returned `Done`, and bytes that it had read were not sent.",
        shows: |difference| difference.your_step().outcome().ends_with("not sent"),
    },
    Known {
        mistake: "wouldblock-taken-for-the-end",
        sentence: NOT_THE_END,
        shows: |difference| difference.your_step().outcome() == "Done, before the end",
    },
];
