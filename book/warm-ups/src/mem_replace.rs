//! An order that moves from one state to the next, and takes its data along.

use std::mem;

/// What has become of an order.
#[derive(Debug, PartialEq, Eq)]
pub enum Order {
    /// Goods can still be added.
    Open(Vec<String>),
    /// It has left with this many boxes.
    Sent {
        /// How many there were.
        parcels: usize,
    },
}

impl Order {
    /// Sends the order, and returns its goods. An order that was sent before stays as it is, and returns nothing.
    pub fn send(&mut self) -> Vec<String> {
        // YOURS
        // ANCHOR: send
        match mem::replace(self, Order::Sent { parcels: 0 }) {
            Order::Open(goods) => {
                *self = Order::Sent {
                    parcels: goods.len(),
                };
                goods
            }
            sent => {
                *self = sent;
                Vec::new()
            }
        }
        // ANCHOR_END: send
        // STUB: todo!("become Sent, and give the goods away without a clone")
        // YOURS_END
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn sending_gives_the_goods_away() {
        let mut order = Order::Open(vec!["tea".to_owned(), "cups".to_owned()]);
        assert_eq!(order.send(), ["tea", "cups"]);
        assert_eq!(order, Order::Sent { parcels: 2 });
    }

    #[test]
    fn what_was_sent_is_not_sent_again() {
        let mut order = Order::Sent { parcels: 2 };
        assert!(order.send().is_empty());
        assert_eq!(order, Order::Sent { parcels: 2 });
    }
}
