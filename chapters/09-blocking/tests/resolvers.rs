//! The resolver.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use blocking::{Limits, Resolver};
use futures::future::join_all;
use wakers::block_on;

const LIMITS: Limits = Limits {
    threads: 2,
    idle: Duration::from_secs(3_600),
};

#[test]
fn callers_of_one_name_share_a_look_up_and_other_names_do_not() {
    static LOOK_UPS: AtomicUsize = AtomicUsize::new(0);
    static ALL_HAVE_ASKED: OnceLock<()> = OnceLock::new();
    let resolver = Resolver::with(LIMITS, |_| {
        // A look-up that ends earlier is not shared with a caller that asks later.
        ALL_HAVE_ASKED.wait();
        LOOK_UPS.fetch_add(1, Ordering::Relaxed);
        Ok(vec!["10.0.0.1:80".parse().unwrap()])
    });
    let names = ["a", "b", "a", "a", "b"];
    let mut all = pin!(join_all(names.map(|name| resolver.resolve(name, 80))));
    let found = block_on(poll_fn(|context| {
        let polled = all.as_mut().poll(context);
        ALL_HAVE_ASKED.get_or_init(|| ());
        polled
    }));
    assert!(found.iter().all(|found| found.is_ok()));
    assert_eq!(LOOK_UPS.load(Ordering::Relaxed), 2);
}

#[test]
fn an_error_has_the_name_in_it_and_the_next_call_asks_again() {
    static LOOK_UPS: AtomicUsize = AtomicUsize::new(0);
    let resolver = Resolver::with(LIMITS, |_| match LOOK_UPS.fetch_add(1, Ordering::Relaxed) {
        0 => Err(io::Error::other("no answer")),
        _ => Ok(Vec::new()),
    });
    let error = block_on(resolver.resolve("example.org", 443)).unwrap_err();
    assert_eq!(error.to_string(), "example.org:443: no answer");
    assert!(block_on(resolver.resolve("example.org", 443)).is_ok());
}

#[test]
fn an_address_is_its_own_name() {
    let resolver = Resolver::new(LIMITS);
    for (host, expected) in [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")] {
        let found = block_on(resolver.resolve(host, 80)).unwrap();
        assert_eq!(found, [expected.parse().unwrap()]);
    }
}

#[test]
fn a_look_up_that_panics_is_an_error() {
    let resolver = Resolver::with(LIMITS, |_| panic!("in the look-up"));
    let error = block_on(resolver.resolve("a", 80)).unwrap_err();
    assert_eq!(error.to_string(), "a:80: the job panicked");
}
