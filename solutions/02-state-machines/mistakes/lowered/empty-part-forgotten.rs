//! Asks again when the text is empty.
use state_machines::site::{Refreshed, Site};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub fn refresh<S: Site>(site: &S, known: u32) -> Refresh<'_, S> {
    Refresh {
        site,
        known,
        state: State::Created,
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    site: &'s S,
    known: u32,
    state: State<S>,
}
enum State<S: Site> {
    Created,
    Version(S::Version),
    Download(u32, S::Download),
    Complete,
}
impl<S: Site> Future for Refresh<'_, S> {
    type Output = Refreshed;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refreshed> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Created => this.state = State::Version(this.site.version()),
                State::Version(child) => {
                    let Poll::Ready(version) = Pin::new(child).poll(context) else {
                        return Poll::Pending;
                    };
                    if version == this.known {
                        this.state = State::Complete;
                        return Poll::Ready(Refreshed::Current);
                    }
                    this.state = State::Download(version, this.site.download(version));
                }
                State::Download(version, child) => {
                    let version = *version;
                    let Poll::Ready(text) = Pin::new(child).poll(context) else {
                        return Poll::Pending;
                    };
                    if text.is_empty() {
                        this.state = State::Download(version, this.site.download(version));
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    this.state = State::Complete;
                    return Poll::Ready(Refreshed::New { version, text });
                }
                State::Complete => panic!("polled after it was ready"),
            }
        }
    }
}
