//! Polls the downloads and the store in one future, without a task.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::Spawn;

pub const AT_MOST: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    pub page: usize,
}

pub trait Site: 'static {
    fn fetch(
        &self,
        page: usize,
    ) -> impl Future<Output = Result<usize, Closed>> + use<Self> + 'static;
    fn store(&self, page: usize) -> impl Future<Output = ()> + use<Self> + 'static;
}

enum Flight {
    Running(Pin<Box<dyn Future<Output = Result<usize, Closed>>>>),
    Done(Result<usize, Closed>),
}

pub async fn crawl<S: Site>(_: Rc<dyn Spawn>, site: Rc<S>, pages: usize) -> Result<(), Closed> {
    let mut flights = VecDeque::new();
    let mut storing: Option<Pin<Box<dyn Future<Output = ()>>>> = None;
    let mut begun = 0;
    poll_fn(move |context| {
        loop {
            if storing
                .as_mut()
                .is_some_and(|store| store.as_mut().poll(context).is_ready())
            {
                storing = None;
            }
            while flights.len() < AT_MOST && begun < pages {
                flights.push_back(Flight::Running(Box::pin(site.fetch(begun))));
                begun += 1;
            }
            run(&mut flights, context);
            if storing.is_some() {
                return Poll::Pending;
            }
            match flights.pop_front() {
                None => return Poll::Ready(Ok(())),
                Some(Flight::Done(Err(closed))) => return Poll::Ready(Err(closed)),
                Some(Flight::Done(Ok(page))) => storing = Some(Box::pin(site.store(page))),
                Some(running) => {
                    flights.push_front(running);
                    return Poll::Pending;
                }
            }
        }
    })
    .await
}

fn run(flights: &mut VecDeque<Flight>, context: &mut Context<'_>) {
    for flight in flights {
        if let Flight::Running(download) = flight
            && let Poll::Ready(result) = download.as_mut().poll(context)
        {
            *flight = Flight::Done(result);
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "the server closed the connection of page {}",
            self.page
        )
    }
}

impl std::error::Error for Closed {}
