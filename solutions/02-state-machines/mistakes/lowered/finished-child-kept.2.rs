//! Keeps the child that has brought the text when it is ready.
use state_machines::site::{Refreshed, Site};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub fn refresh<S: Site>(site: &S, known: u32) -> Refresh<'_, S> {
    Refresh {
        site,
        known,
        state: State::Created,
        over: false,
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    site: &'s S,
    known: u32,
    state: State<S>,
    over: bool,
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
        if this.over {
            panic!("over")
        }
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
                    this.over = true;
                    return Poll::Ready(Refreshed::New { version, text });
                }
                State::Complete => panic!("polled after it was ready"),
            }
        }
    }
}
