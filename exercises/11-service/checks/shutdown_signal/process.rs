//! What the service can do to this process. Each call is a point at which a signal can interrupt it.

use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll};

use probe_futures::heap;

use super::super::subject::Process;
use super::world::{Moment, Shared};

impl Process for Shared {
    fn write_byte(&self) {
        let before = heap::in_use();
        let world = &self.0;
        world.says("handler", "writes a byte");
        world.bytes.set(world.bytes.get() + 1);
        if let Some(waker) = world.reader.take() {
            waker.wake();
        }
        if world.on_another_thread.get() {
            let in_handler = world.in_handler.replace(false);
            world.says("loop", "goes on, on its own thread");
            world.polls();
            world.in_handler.set(in_handler);
        }
        let own = heap::in_use() - before;
        world.own_memory.set(world.own_memory.get() + own);
    }

    fn poll_bytes(&self, context: &mut Context<'_>) -> Poll<()> {
        let world = &self.0;
        world.refuse_in_handler("poll_bytes");
        world.is_at(Moment::BeforeTheRead);
        let read = world.bytes.take();
        if read > 0 {
            if world.tells_reads {
                world.says("run", "reads the bytes");
            }
            world.is_at(Moment::AfterTheRead);
            return Poll::Ready(());
        }
        let _older = world.reader.replace(Some(context.waker().clone()));
        Poll::Pending
    }

    fn reload(&self) {
        let world = &self.0;
        world.says("service", "reloads");
        world.refuse_in_handler("reload");
        if !world.owes_a_reload.replace(false) {
            match (world.hung_up.get(), world.others.get()) {
                (false, true) => world.is_at_fault(
                    Some("other-signal-obeyed"),
                    "It reloaded, and no SIGHUP had come: the service obeyed a signal that it does not care about.",
                ),
                (false, false) => world.is_at_fault(None, "It reloaded, and no SIGHUP had come."),
                (true, _) => world.is_at_fault(
                    Some("reload-for-each-signal"),
                    "It reloaded, and no SIGHUP had come since the last reload began.",
                ),
            }
        }
        world.reloads.set(world.reloads.get() + 1);
        world.is_at(Moment::InReload);
    }

    fn finish(&self) -> impl Future<Output = ()> {
        let world = Rc::clone(&self.0);
        world.refuse_in_handler("finish");
        world.says("service", "finishes the requests in flight");
        world.finishes.set(world.finishes.get() + 1);
        let mut begun = false;
        poll_fn(move |context| {
            if !begun {
                begun = true;
                world.is_at(Moment::InFinish);
            }
            if world.finished.get() {
                return Poll::Ready(());
            }
            let _older = world.finisher.replace(Some(context.waker().clone()));
            Poll::Pending
        })
    }

    fn exit(&self, status: i32) {
        let before = heap::in_use();
        let world = &self.0;
        world.says("process", &format!("exits with {status}"));
        world.exit.set(world.exit.get().or(Some(status)));
        let own = heap::in_use() - before;
        world.own_memory.set(world.own_memory.get() + own);
    }
}
