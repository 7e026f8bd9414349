"""Small programs of chapter 08; ../beside_asyncio.rs holds them in Rust."""

import asyncio
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "07-composition/tests/asyncio"))

from beside import case, run_all, say, sleep, spawn


async def join(*tasks):
    for task in tasks:
        await asyncio.wait([task])


@case
async def an_event_wakes_its_waiters_in_order():
    event = asyncio.Event()

    async def waits(name):
        await event.wait()
        say(f"{name} goes on")

    tasks = [spawn(waits(name)) for name in "abc"]
    await sleep(10)
    event.set()
    say("main has set it")
    await join(*tasks)


@case
async def an_event_that_is_cleared_at_once_lets_its_waiters_pass():
    event = asyncio.Event()

    async def waits(name):
        await event.wait()
        say(f"{name} goes on, set: {str(event.is_set()).lower()}")

    task = spawn(waits("a"))
    await sleep(10)
    event.set()
    event.clear()
    await join(task)


@case
async def a_lock_is_handed_over_in_order():
    lock = asyncio.Lock()

    async def works(name):
        async with lock:
            say(f"{name} has the lock")
            await sleep(10)

    await join(*[spawn(works(name)) for name in "abc"])


@case
async def a_cancelled_waiter_of_a_lock_is_passed_over():
    lock = asyncio.Lock()

    async def works(name):
        async with lock:
            say(f"{name} has the lock")
            await sleep(10)

    tasks = [spawn(works(name)) for name in "abc"]
    await sleep(5)
    tasks[1].cancel()
    await join(*tasks)


@case
async def a_waiter_that_is_cancelled_with_its_turn_passes_it_on():
    lock = asyncio.Lock()
    await lock.acquire()

    async def works(name):
        async with lock:
            say(f"{name} has the lock")

    tasks = [spawn(works(name)) for name in "ab"]
    await sleep(5)
    lock.release()
    tasks[0].cancel()
    await join(*tasks)


@case
async def a_task_that_asks_again_waits_behind_the_others():
    lock = asyncio.Lock()

    async def works(name, rounds):
        for _ in range(rounds):
            async with lock:
                say(f"{name} has the lock")
                await sleep(10)

    await join(spawn(works("a", 2)), spawn(works("b", 1)))


@case
async def a_semaphore_lets_two_in_at_a_time():
    semaphore = asyncio.Semaphore(2)

    async def works(name):
        async with semaphore:
            say(f"{name} begins")
            await sleep(10)
            say(f"{name} ends")

    await join(*[spawn(works(name)) for name in "abcde"])


@case
async def a_bounded_semaphore_refuses_a_permit_too_many():
    semaphore = asyncio.BoundedSemaphore(1)
    async with semaphore:
        say("main has a permit")
    try:
        semaphore.release()
    except ValueError:
        say("main: too many")


@case
async def a_condition_wakes_the_oldest_and_then_all():
    condition = asyncio.Condition()

    async def waits(name):
        async with condition:
            await condition.wait()
            say(f"{name} goes on")

    tasks = [spawn(waits(name)) for name in "abc"]
    await sleep(10)
    async with condition:
        condition.notify(1)
        say("main notifies one")
    await sleep(10)
    async with condition:
        condition.notify_all()
        say("main notifies all")
    await join(*tasks)


@case
async def a_full_queue_makes_its_producer_wait():
    queue = asyncio.Queue(1)

    async def produces():
        for item in range(3):
            await queue.put(item)
            say(f"put {item}")

    task = spawn(produces())
    for _ in range(3):
        await sleep(10)
        say(f"got {await queue.get()}")
    await join(task)


@case
async def a_queue_is_joined_when_each_item_is_done():
    queue = asyncio.Queue(10)

    async def works():
        while True:
            item = await queue.get()
            await sleep(10)
            say(f"{item} is done")
            queue.task_done()

    task = spawn(works())
    for item in range(3):
        await queue.put(item)
    await queue.join()
    say("main has joined")
    task.cancel()
    await join(task)
    try:
        queue.task_done()
    except ValueError:
        say("main: called too often")


@case
async def a_cancelled_get_takes_no_item():
    queue = asyncio.Queue(10)

    async def gets(name):
        say(f"{name} got {await queue.get()}")

    tasks = [spawn(gets(name)) for name in "ab"]
    await sleep(10)
    await queue.put(1)
    tasks[0].cancel()
    await join(*tasks)


@case
async def a_priority_queue_returns_the_smallest():
    queue = asyncio.PriorityQueue(10)
    for item in (3, 1, 2):
        await queue.put(item)
    for _ in range(3):
        say(f"got {await queue.get()}")


@case
async def a_barrier_opens_for_the_last():
    barrier = asyncio.Barrier(3)

    async def arrives(name, millis):
        await sleep(millis)
        say(f"{name} arrives")
        await barrier.wait()
        say(f"{name} goes on")

    await join(*[spawn(arrives(name, millis)) for name, millis in (("a", 10), ("b", 20), ("c", 30))])


if __name__ == "__main__":
    run_all()
