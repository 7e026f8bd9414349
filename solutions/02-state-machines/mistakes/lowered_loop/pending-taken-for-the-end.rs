//! Takes every answer that is no number for the end, `Pending` among them.

use state_machines::source::Source;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
pub fn total<S: Source>(source: &mut S) -> Total<'_, S> {
    Total {
        source,
        child: None,
        total: 0,
        done: false,
    }
}
pub struct Total<'s, S: Source> {
    source: &'s mut S,
    child: Option<S::Next>,
    total: u64,
    done: bool,
}
impl<S: Source> Future for Total<'_, S> {
    type Output = u64;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();

        let mut child = this.child.take().unwrap_or_else(|| this.source.next());
        // ANCHOR: mistake
        while let Poll::Ready(Some(n)) = Pin::new(&mut child).poll(context) {
            this.total += u64::from(n);
            child = this.source.next();
        }
        Poll::Ready(this.total)
        // ANCHOR_END: mistake
    }
}
