//! Crates that ask for a waker and nothing else, and crates that keep time.

use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Duration;

use tower::{Service, ServiceBuilder, ServiceExt};

use super::{Trying, World};

const MILLI: Duration = Duration::from_millis(1);

/// Runs this in another task, a moment later.
fn later<T>(world: &World, work: impl FnOnce() -> T + 'static) {
    let sleep = world.handle.sleep(MILLI);
    drop(world.handle.spawn(async move {
        sleep.await;
        let _ = work();
    }));
}

pub(super) fn futures(world: World) -> Trying {
    Box::pin(async move {
        let (sender, receiver) = futures::channel::oneshot::channel();
        later(&world, || sender.send(7));
        assert_eq!(receiver.await, Ok(7));
    })
}

pub(super) fn async_channel(world: World) -> Trying {
    Box::pin(async move {
        let (sender, receiver) = async_channel::bounded(1);
        later(&world, move || sender.try_send(7));
        assert_eq!(receiver.recv().await, Ok(7));
    })
}

pub(super) fn async_lock(world: World) -> Trying {
    Box::pin(async move {
        let lock = std::sync::Arc::new(async_lock::Mutex::new(7));
        let held = lock.lock_arc().await;
        later(&world, move || drop(held));
        assert_eq!(*lock.lock().await, 7);
    })
}

pub(super) fn event_listener(world: World) -> Trying {
    Box::pin(async move {
        let event = Rc::new(event_listener::Event::new());
        let listener = event.listen();
        later(&world, move || event.notify(1));
        listener.await;
    })
}

pub(super) fn flume(world: World) -> Trying {
    Box::pin(async move {
        let (sender, receiver) = flume::bounded(1);
        later(&world, move || sender.try_send(7));
        assert_eq!(receiver.recv_async().await, Ok(7));
    })
}

pub(super) fn moka(world: World) -> Trying {
    Box::pin(async move {
        let cache = moka::future::Cache::new(10);
        let (sender, receiver) = futures::channel::oneshot::channel();
        later(&world, || sender.send(7));
        let load = async { receiver.await.expect("it is sent") };
        assert_eq!(cache.get_with("seven", load).await, 7);
    })
}

pub(super) fn tokio_sync(world: World) -> Trying {
    Box::pin(async move {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        later(&world, move || sender.try_send(7));
        assert_eq!(receiver.recv().await, Some(7));
    })
}

pub(super) fn tower(world: World) -> Trying {
    Box::pin(async move {
        let doubles = tower::service_fn(move |number: u32| {
            let sleep = world.handle.sleep(MILLI);
            async move {
                sleep.await;
                Ok::<u32, std::convert::Infallible>(2 * number)
            }
        });
        let mut service = ServiceBuilder::new().concurrency_limit(1).service(doubles);
        let ready = service.ready().await.expect("it is ready");
        assert_eq!(ready.call(7).await, Ok(14));
    })
}

pub(super) fn tower_timeout(_world: World) -> Trying {
    Box::pin(async move {
        let answers =
            tower::service_fn(
                |number: u32| async move { Ok::<u32, std::convert::Infallible>(number) },
            );
        let service = ServiceBuilder::new().timeout(MILLI).service(answers);
        assert_eq!(service.oneshot(7).await.expect("in time"), 7);
    })
}

pub(super) fn futures_timer(_world: World) -> Trying {
    Box::pin(async { futures_timer::Delay::new(MILLI).await })
}

pub(super) fn governor(_world: World) -> Trying {
    Box::pin(async move {
        let quota = governor::Quota::per_second(NonZeroU32::new(200).expect("not zero"));
        let quota = quota.allow_burst(NonZeroU32::MIN);
        let limiter = governor::RateLimiter::direct(quota);
        limiter.until_ready().await;
        limiter.until_ready().await;
    })
}

pub(super) fn async_io(_world: World) -> Trying {
    Box::pin(async move {
        async_io::Timer::after(MILLI).await;
    })
}

pub(super) fn tokio_time(_world: World) -> Trying {
    Box::pin(async { tokio::time::sleep(MILLI).await })
}
