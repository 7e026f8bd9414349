//! One `poll_fn` with an optional delay, and the errors in a sorted map.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use event_loop::Timer;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

pub const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

pub fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut left = addresses.to_vec();
    let mut turns = Vec::new();
    let mut six = addresses.first().is_some_and(SocketAddr::is_ipv6);
    while !left.is_empty() {
        let place = left.iter().position(|address| address.is_ipv6() == six);
        turns.push(left.remove(place.unwrap_or(0)));
        six = !six;
    }
    turns
}

pub async fn happy_eyeballs<T, S, E, F>(
    timer: &T,
    addresses: &[SocketAddr],
    connect: impl Fn(SocketAddr) -> F,
) -> Result<(SocketAddr, S), Vec<(SocketAddr, E)>>
where
    T: Timer,
    F: Future<Output = Result<S, E>>,
{
    let list = interleaved(addresses);
    let mut running = FuturesUnordered::new();
    let mut errors: BTreeMap<usize, E> = BTreeMap::new();
    let mut started = 0;
    let mut delay: Option<T::Sleep> = None;
    let won = poll_fn(|context| {
        loop {
            while let Poll::Ready(Some((number, result))) = running.poll_next_unpin(context) {
                match result {
                    Ok(connection) => return Poll::Ready(Some((number, connection))),
                    Err(error) => drop(errors.insert(number, error)),
                }
                if number + 1 == started {
                    delay = None;
                }
            }
            if errors.len() == list.len() {
                return Poll::Ready(None);
            }
            if let Some(waits) = &mut delay {
                if Pin::new(waits).poll(context).is_pending() {
                    return Poll::Pending;
                }
                delay = None;
            }
            let Some(&next) = list.get(started) else {
                return Poll::Pending;
            };
            let (number, attempt) = (started, connect(next));
            running.push(async move { (number, attempt.await) });
            started += 1;
            if started < list.len() {
                delay = Some(timer.sleep(CONNECTION_ATTEMPT_DELAY));
            }
        }
    })
    .await;
    match won {
        Some((number, connection)) => Ok((list[number], connection)),
        None => {
            let named = |(number, error)| (list[number], error);
            Err(errors.into_iter().map(named).collect())
        }
    }
}
