//! Faults between tasks that share something.

use super::*;

#[test]
fn an_update_is_lost_between_a_read_and_a_write() {
    is_found(|trial, version| async move {
        let number = Rc::new(Cell::new(0));
        let add = |late: usize| {
            let number = Rc::clone(&number);
            trial.handle().spawn(async move {
                yields(late).await;
                let before = number.get();
                yield_now().await;
                let before = if version == Mended {
                    number.get()
                } else {
                    before
                };
                number.set(before + 1);
            })
        };
        let (early, late) = (add(0), add(3));
        early.await.unwrap();
        late.await.unwrap();
        assert_eq!(number.get(), 2);
    });
}

#[test]
fn a_task_looks_and_registers_its_waker_one_await_later() {
    is_found(|trial, version| async move {
        let event = Rc::new(Event::default());
        let shared = Rc::clone(&event);
        let waits = trial.handle().spawn(async move {
            if shared.happened.get() {
                return;
            }
            yield_now().await;
            poll_fn(|context| {
                let looks = version == Mended && shared.happened.get();
                if looks || shared.waker.borrow().is_some() {
                    return Poll::Ready(());
                }
                *shared.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            })
            .await;
        });
        trial
            .handle()
            .spawn(async move {
                yields(2).await;
                event.happened.set(true);
                let waker = event.waker.borrow().clone();
                waker.into_iter().for_each(Waker::wake);
            })
            .await
            .unwrap();
        waits.await.unwrap();
    });
}

#[test]
fn two_tasks_take_two_locks_in_opposite_order() {
    is_found(|trial, version| async move {
        let locks = [Rc::new(Lock::default()), Rc::new(Lock::default())];
        let task = |order: [usize; 2], late: usize| {
            let locks = order.map(|lock| Rc::clone(&locks[lock]));
            trial.handle().spawn(async move {
                yields(late).await;
                locks[0].lock().await;
                yield_now().await;
                locks[1].lock().await;
                locks[1].unlock();
                locks[0].unlock();
            })
        };
        let second = if version == Mended { [0, 1] } else { [1, 0] };
        let tasks = [task([0, 1], 0), task(second, 2)];
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn a_chosen_waiter_is_cancelled_and_its_turn_is_lost() {
    is_found(|trial, version| async move {
        let lock = Rc::new(Lock::default());
        lock.lock().await;
        let waits = |name: &'static str| {
            let lock = Rc::clone(&lock);
            let turn = Rc::new(Event::default());
            lock.waiting.borrow_mut().push_back(Rc::clone(&turn));
            let returned = Returned {
                lock: (version == Mended).then(|| Rc::clone(&lock)),
                turn: Rc::clone(&turn),
            };
            trial.handle().spawn(async move {
                turn.wait().await;
                drop(returned);
                if version == Faulty {
                    lock.unlock();
                }
                name
            })
        };
        let (first, second) = (waits("first"), waits("second"));
        yields(2).await;
        lock.unlock();
        // By now the first has run, in the loop's own order.
        yield_now().await;
        first.abort();
        assert_eq!(second.await.unwrap(), "second");
    });

    /// Passes the turn on when the task is done, or dropped after it was chosen.
    struct Returned {
        lock: Option<Rc<Lock>>,
        turn: Rc<Event>,
    }

    impl Drop for Returned {
        fn drop(&mut self) {
            if let Some(lock) = self.lock.take().filter(|_| self.turn.happened.get()) {
                lock.unlock();
            }
        }
    }
}

#[test]
fn the_last_user_is_found_by_a_look_after_an_await() {
    is_found(|trial, version| async move {
        let (users, closed) = (Rc::new(Cell::new(2)), Rc::new(Cell::new(0)));
        let user = |late: usize| {
            let (users, closed) = (Rc::clone(&users), Rc::clone(&closed));
            trial.handle().spawn(async move {
                yields(late).await;
                users.set(users.get() - 1);
                let mut last = users.get() == 0;
                yield_now().await;
                if version == Faulty {
                    last = users.get() == 0;
                }
                if last {
                    closed.set(closed.get() + 1);
                }
            })
        };
        let tasks = [user(0), user(2)];
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(closed.get(), 1);
    });
}
