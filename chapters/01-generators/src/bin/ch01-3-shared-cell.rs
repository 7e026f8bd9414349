//! A value in a cell that two parts share, because the receiver has no argument for it.

use std::cell::Cell;
use std::rc::Rc;

// ANCHOR: machine
/// Adds up what it finds in the tray each time it is asked.
struct Till {
    tray: Rc<Cell<u32>>,
    total: u32,
}

impl Iterator for Till {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.total += self.tray.get();
        Some(self.total)
    }
}
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let tray = Rc::new(Cell::new(0));
    let mut till = Till {
        tray: Rc::clone(&tray),
        total: 0,
    };
    for price in [Some(3), Some(5), None, Some(2)] {
        match price {
            Some(price) => {
                tray.set(price);
                print!("caller: puts {price} into the tray    ");
            }
            None => print!("caller: forgets the tray        "),
        }
        println!("till: {:?}", till.next());
    }
}
// ANCHOR_END: caller
