//! Faults where several waits meet.

use std::collections::HashMap;
use std::time::Duration;

use super::*;

#[test]
fn an_answer_comes_before_the_request_is_registered() {
    is_found(|trial, version| async move {
        let requests: Rc<RefCell<HashMap<u32, Rc<Event>>>> = Rc::default();
        let answer = Rc::new(Event::default());
        if version == Mended {
            requests.borrow_mut().insert(7, Rc::clone(&answer));
        }
        let known = Rc::clone(&requests);
        let server = trial.handle().spawn(async move {
            yields(2).await;
            let request = known.borrow_mut().remove(&7);
            request.into_iter().for_each(|request| request.happens());
        });
        yield_now().await; // The request is written to the socket.
        if version == Faulty {
            requests.borrow_mut().insert(7, Rc::clone(&answer));
        }
        answer.wait().await;
        server.await.unwrap();
    });
}

#[test]
fn a_deadline_cancels_work_that_is_half_done() {
    is_found(|trial, version| async move {
        let (paid, booked) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (account, book) = (Rc::clone(&paid), Rc::clone(&booked));
        let handle = trial.handle().clone();
        let payment = trial.handle().spawn(async move {
            handle.sleep(Duration::from_millis(10)).await;
            account.set(1);
            if version == Faulty {
                yield_now().await;
            }
            book.set(1);
        });
        trial.handle().sleep(Duration::from_millis(10)).await;
        yields(2).await;
        payment.abort();
        assert_eq!(paid.get(), booked.get(), "paid and booked");
    });
}

#[test]
fn a_receiver_looks_at_the_queue_and_then_whether_it_is_closed() {
    is_found(|trial, version| async move {
        let (items, closed) = (
            Rc::new(RefCell::new(VecDeque::new())),
            Rc::new(Cell::new(false)),
        );
        let (queue, end) = (Rc::clone(&items), Rc::clone(&closed));
        let sender = trial.handle().spawn(async move {
            queue.borrow_mut().push_back(1);
            yields(3).await;
            queue.borrow_mut().push_back(2);
            end.set(true);
        });
        let mut received = Vec::new();
        loop {
            let was_closed = closed.get();
            let item = items.borrow_mut().pop_front();
            if let Some(item) = item {
                received.push(item);
                continue;
            }
            yield_now().await;
            let is_closed = if version == Mended {
                was_closed
            } else {
                closed.get()
            };
            if is_closed {
                break;
            }
            yields(4).await;
        }
        sender.await.unwrap();
        assert_eq!(received, [1, 2]);
    });
}

#[test]
fn a_flush_is_requested_while_a_flush_runs() {
    is_found(|trial, version| async move {
        let (dirty, written) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let wanted = Rc::new(Cell::new(false));
        let (data, disk, asked) = (Rc::clone(&dirty), Rc::clone(&written), Rc::clone(&wanted));
        let flush = trial.handle().spawn(async move {
            for _ in 0..40 {
                if asked.get() {
                    let count = data.get();
                    if version == Mended {
                        asked.set(false);
                    }
                    yield_now().await; // It writes.
                    disk.set(count);
                    if version == Faulty {
                        asked.set(false);
                    }
                }
                yield_now().await;
            }
        });
        let change = |late: usize| {
            let (dirty, wanted) = (Rc::clone(&dirty), Rc::clone(&wanted));
            trial.handle().spawn(async move {
                yields(late).await;
                dirty.set(dirty.get() + 1);
                wanted.set(true);
            })
        };
        let tasks = [change(0), change(5)];
        for task in tasks {
            task.await.unwrap();
        }
        yields(60).await;
        flush.await.unwrap();
        assert_eq!(written.get(), 2, "a change is not on the disk");
    });
}

#[test]
fn a_permit_is_returned_by_the_task_and_by_the_code_that_cancels_it() {
    is_found(|trial, version| async move {
        let free = Rc::new(Cell::new(0));
        let permit = Rc::new(Cell::new(true));
        let give_back = move |permit: &Cell<bool>, free: &Cell<i32>| {
            if permit.replace(false) || version == Faulty {
                free.set(free.get() + 1);
            }
        };
        let (returned, counted) = (Rc::clone(&permit), Rc::clone(&free));
        let worker = trial.handle().spawn(async move {
            yields(3).await;
            give_back(&returned, &counted);
        });
        let watcher = Rc::clone(&free);
        let stopper = trial.handle().spawn(async move {
            yields(5).await;
            // The worker is still at work: its permit comes back here.
            if !worker.is_finished() {
                yield_now().await;
                worker.abort();
                give_back(&permit, &watcher);
            }
        });
        stopper.await.unwrap();
        yields(6).await;
        assert_eq!(free.get(), 1, "permits");
    });
}
