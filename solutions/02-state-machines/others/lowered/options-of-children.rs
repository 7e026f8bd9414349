//! No state has a name: the child that is there says where the machine stands.

use std::pin::Pin;
use std::task::{Context, Poll};

use state_machines::site::{Refreshed, Site};

pub fn refresh<S: Site>(site: &S, known: u32) -> Refresh<'_, S> {
    Refresh {
        site: Some(site),
        known,
        asking: None,
        loading: None,
    }
}

#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    /// There until the last child is made.
    site: Option<&'s S>,
    known: u32,
    asking: Option<S::Version>,
    loading: Option<(u32, S::Download)>,
}

impl<S: Site> Future for Refresh<'_, S> {
    type Output = Refreshed;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refreshed> {
        let this = self.get_mut();
        if let Some(site) = this.site {
            let asking = this.asking.get_or_insert_with(|| site.version());
            let Poll::Ready(version) = Pin::new(asking).poll(context) else {
                return Poll::Pending;
            };
            this.asking = None;
            this.site = None;
            if version == this.known {
                return Poll::Ready(Refreshed::Current);
            }
            this.loading = Some((version, site.download(version)));
        }
        let (version, loading) = this.loading.as_mut().expect("polled after it was ready");
        let version = *version;
        Pin::new(loading).poll(context).map(|text| {
            this.loading = None;
            Refreshed::New { version, text }
        })
    }
}
