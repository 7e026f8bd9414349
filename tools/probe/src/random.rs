//! Random inputs from a fixed seed, with the edges always in.
//!
//! The same seed gives the same inputs on every machine. Each generated input has a [label](Input::label), which a check puts into
//! its sentence, so that a failure can be repeated.

/// Numbers that look random and are the same in every run: xorshift64*.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Begins a sequence.
    #[must_use]
    pub fn seeded(seed: u64) -> Random {
        // A state of 0 would stay 0, and seeds that are close together would begin alike.
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
        Random {
            state: state.max(1),
        }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `limit`.
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a usize has at most 64 bits");
        usize::try_from((self.number() >> 11) % limit).expect("it is below a usize")
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A generated input, and how to speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input<T> {
    /// `edge 3`, or `input 12 of seed 7`.
    pub label: String,
    /// The input.
    pub value: T,
}

/// Sizes at which counters of 5, 6, 8 and 16 bits, small arrays and usual buffers end.
pub const SIZES: [usize; 16] = [
    0, 1, 2, 31, 32, 33, 63, 64, 65, 255, 256, 257, 65_535, 65_536, 65_537, 100_000,
];

/// Numbers at which arithmetic goes wrong.
pub const NUMBERS: [u64; 10] = [
    0,
    1,
    2,
    255,
    256,
    65_535,
    65_536,
    u32::MAX as u64,
    u32::MAX as u64 + 1,
    u64::MAX,
];

/// Letters of each length in UTF-8, and those that decoders and splitters treat in a special way: NUL, a line's ends, C1 controls,
/// a byte order mark, the last letters before and the first after the surrogates, the last of each length.
pub const LETTERS: [char; 24] = [
    '\0',
    '\u{1}',
    '\n',
    '\r',
    '\t',
    ' ',
    ',',
    ':',
    '0',
    'a',
    '\u{7f}',
    '\u{80}',
    '\u{85}',
    '\u{9f}',
    'é',
    'ж',
    '\u{7ff}',
    '\u{800}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{feff}',
    '\u{ffff}',
    '\u{10000}',
    '\u{10ffff}',
];

/// Texts: the empty one, one of each of the [`LETTERS`], and then `count` random ones of up to `length` of them.
pub fn texts(seed: u64, count: usize, length: usize) -> impl Iterator<Item = Input<String>> {
    let edges = std::iter::once(String::new()).chain(LETTERS.map(String::from));
    let random = (0..count).map(move |number| {
        let mut random = of_input(seed, number);
        let letters = random.below(length + 1);
        (0..letters).map(|_| *random.pick(&LETTERS)).collect()
    });
    labelled(seed, edges, random)
}

/// Bytes: none, one of each kind that is special in UTF-8, and then `count` random ones of up to `length`.
pub fn bytes(seed: u64, count: usize, length: usize) -> impl Iterator<Item = Input<Vec<u8>>> {
    const SPECIAL: [u8; 18] = [
        0, 1, b'\n', b'\r', b' ', b'0', b'9', b'a', 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed,
        0xf4, 0xff,
    ];
    let edges = std::iter::once(Vec::new()).chain(SPECIAL.map(|byte| vec![byte]));
    let random = (0..count).map(move |number| {
        let mut random = of_input(seed, number);
        let bytes = random.below(length + 1);
        (0..bytes).map(|_| *random.pick(&SPECIAL)).collect()
    });
    labelled(seed, edges, random)
}

fn of_input(seed: u64, number: usize) -> Random {
    Random::seeded(seed.wrapping_mul(1_000_003).wrapping_add(number as u64))
}

fn labelled<T>(
    seed: u64,
    edges: impl Iterator<Item = T>,
    random: impl Iterator<Item = T>,
) -> impl Iterator<Item = Input<T>> {
    let edges = edges.enumerate().map(|(number, value)| Input {
        label: format!("edge {}", number + 1),
        value,
    });
    let random = random.enumerate().map(move |(number, value)| Input {
        label: format!("input {} of seed {seed}", number + 1),
        value,
    });
    edges.chain(random)
}
