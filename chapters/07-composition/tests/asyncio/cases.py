"""Small programs of chapters 04, 06 and 07; ../beside_asyncio holds them in Rust."""

import asyncio

from beside import case, fails, run_all, say, sleep, spawn, works

# Chapter 04: the loop.


@case
async def tasks_begin_in_the_order_of_their_spawns():
    tasks = [spawn(works(name, 10)) for name in "abc"]
    say("main has spawned")
    for task in tasks:
        await task


@case
async def a_task_begins_when_the_spawner_suspends():
    task = spawn(works("a", 10))
    say("main 1")
    await asyncio.sleep(0)
    say("main 2")
    await task


@case
async def two_tasks_that_yield_take_turns():
    async def counts(name):
        for number in range(3):
            say(f"{name} {number}")
            await asyncio.sleep(0)

    a, b = spawn(counts("a")), spawn(counts("b"))
    await a
    await b


@case
async def timers_fire_in_the_order_of_their_times():
    tasks = [spawn(works(f"{millis}", millis)) for millis in (30, 10, 20)]
    for task in tasks:
        await task


@case
async def timers_of_one_instant_fire_in_the_order_of_their_making():
    tasks = [spawn(works(name, 10)) for name in "abcd"]
    for task in tasks:
        await task


@case
async def callbacks_and_tasks_share_one_queue():
    loop = asyncio.get_running_loop()
    loop.call_soon(say, "callback 1")
    task = spawn(works("a", 10))
    loop.call_soon(say, "callback 2")
    say("main suspends")
    await task


@case
async def a_callback_that_a_callback_adds_waits_for_the_next_iteration():
    loop = asyncio.get_running_loop()

    def outer():
        say("outer")
        loop.call_soon(say, "inner")

    loop.call_soon(outer)
    loop.call_soon(say, "beside it")
    for turn in range(3):
        say(f"main {turn}")
        await asyncio.sleep(0)


@case
async def a_cancelled_timer_does_not_fire():
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, say, "20")
    removed = loop.call_later(0.01, say, "10")
    loop.call_later(0.03, say, "30")
    removed.cancel()
    await sleep(50)
    say("main ends")


@case
async def a_task_that_has_finished_is_joined_at_once():
    task = spawn(works("a", 10))
    await sleep(20)
    other = spawn(works("b", 10))
    say(f"main gets {await task}")
    say("main goes on")
    await other


@case
async def an_await_of_what_is_ready_does_not_suspend():
    async def ready():
        return 7

    task = spawn(works("a", 10))
    await ready()
    say("main has awaited")
    await task


@case
async def a_child_that_a_task_spawns_begins_after_those_in_the_queue():
    async def parent():
        say("parent begins")
        child = spawn(works("child", 10))
        await child

    tasks = [spawn(parent()), spawn(works("b", 10))]
    for task in tasks:
        await task


@case
async def three_sleeps_side_by_side_take_as_long_as_the_longest():
    tasks = [spawn(works(name, millis)) for name, millis in (("a", 10), ("b", 30), ("c", 20))]
    for task in tasks:
        say(f"main gets {await task}")


# Chapter 06: tasks that end.


@case
async def a_suspended_task_is_cancelled():
    task = spawn(works("a", 100))
    await sleep(10)
    say(f"main cancels: {str(task.cancel()).lower()}")
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")


@case
async def a_task_that_has_not_begun_is_cancelled():
    task = spawn(works("a", 100))
    say(f"main cancels: {str(task.cancel()).lower()}")
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")


@case
async def a_finished_task_cannot_be_cancelled():
    task = spawn(works("a", 10))
    await sleep(20)
    say(f"main cancels: {str(task.cancel()).lower()}")
    say(f"main gets {await task}")


@case
async def a_task_is_cancelled_twice():
    task = spawn(works("a", 100))
    await sleep(10)
    say(f"main cancels: {str(task.cancel()).lower()}")
    say(f"main cancels: {str(task.cancel()).lower()}")
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")


@case
async def cancelling_a_task_cancels_the_child_that_it_awaits():
    async def parent():
        await spawn(works("child", 100))

    task = spawn(parent())
    await sleep(10)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")


@case
async def a_shielded_task_goes_on_when_its_waiter_is_cancelled():
    inner = spawn(works("inner", 30))

    async def waits():
        try:
            await asyncio.shield(inner)
        except asyncio.CancelledError:
            say("waiter is cancelled")
            raise

    waiter = spawn(waits())
    await sleep(10)
    waiter.cancel()
    await sleep(50)
    say("main ends")


@case
async def an_error_reaches_the_task_that_awaits():
    task = spawn(fails("a", 10))
    try:
        await task
    except ValueError as error:
        say(f"main gets {error}")


@case
async def clean_up_that_waits():
    async def work():
        try:
            await sleep(100)
        except asyncio.CancelledError:
            say("clean-up begins")
            await sleep(10)
            say("clean-up ends")
            raise

    task = spawn(work())
    await sleep(10)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")
    await sleep(50)


@case
async def a_task_that_cancels_itself_runs_to_its_next_suspension():
    async def work():
        say("work begins")
        asyncio.current_task().cancel()
        say("work goes on")
        await sleep(10)
        say("work ends")

    task = spawn(work())
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")


@case
async def callbacks_of_a_promise_are_called_later_and_in_order():
    promise = asyncio.get_running_loop().create_future()
    promise.add_done_callback(lambda done: say(f"first: {done.result()}"))
    promise.add_done_callback(lambda done: say(f"second: {done.result()}"))
    promise.set_result(7)
    say("main has resolved it")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    say("main goes on")


# Chapter 07: several waits.


@case
async def gather_returns_results_in_the_order_of_the_list():
    results = await asyncio.gather(works("a", 30), works("b", 10), works("c", 20))
    say(f"main gets {' '.join(results)}")


@case
async def gather_passes_on_the_first_error():
    try:
        await asyncio.gather(works("a", 30), fails("b", 10), works("c", 20))
    except ValueError as error:
        say(f"main gets {error}")
    await sleep(50)
    say("main ends")


@case
async def gather_collects_errors():
    results = await asyncio.gather(works("a", 30), fails("b", 10), return_exceptions=True)
    say(f"main gets {' '.join(str(result) for result in results)}")


@case
async def as_completed_yields_in_the_order_of_completion():
    tasks = [spawn(works(name, millis)) for name, millis in (("a", 30), ("b", 10), ("c", 20))]
    for earliest in asyncio.as_completed(tasks):
        say(f"main gets {await earliest}")


@case
async def wait_for_the_first_lets_the_others_run():
    tasks = [spawn(works(name, millis)) for name, millis in (("a", 30), ("b", 10), ("c", 20))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    say(f"main has {len(done)} done, {len(pending)} pending")
    await sleep(50)
    say("main ends")


@case
async def wait_with_a_time_limit_lets_the_others_run():
    tasks = [spawn(works(name, millis)) for name, millis in (("a", 10), ("b", 30))]
    done, pending = await asyncio.wait(tasks, timeout=0.02)
    say(f"main has {len(done)} done, {len(pending)} pending")
    await sleep(50)
    say("main ends")


@case
async def wait_for_all_returns_with_the_last():
    tasks = [spawn(works(name, millis)) for name, millis in (("a", 10), ("b", 30))]
    done, pending = await asyncio.wait(tasks)
    say(f"main has {len(done)} done, {len(pending)} pending")


@case
async def wait_for_the_first_error_passes_over_a_success():
    tasks = [spawn(works("a", 10)), spawn(fails("b", 20)), spawn(works("c", 30))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    say(f"main has {len(done)} done, {len(pending)} pending")
    for task in done:
        task.exception()
    await sleep(50)


@case
async def a_cancelled_task_is_no_error_to_a_wait():
    tasks = [spawn(works("a", 100)), spawn(works("b", 30))]
    await sleep(10)
    tasks[0].cancel()
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    say(f"main has {len(done)} done, {len(pending)} pending")


@case
async def tasks_that_finish_in_one_iteration_are_all_done():
    tasks = [spawn(works(name, 10)) for name in "abc"]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    say(f"main has {len(done)} done, {len(pending)} pending")


@case
async def a_time_out_that_is_not_needed():
    say(f"main gets {await asyncio.wait_for(works('a', 10), 0.02)}")


@case
async def a_time_out_ends_its_work():
    try:
        await asyncio.wait_for(works("a", 100), 0.02)
    except TimeoutError:
        say("main: time is up")


@case
async def a_time_out_of_zero():
    async def ready():
        say("work runs")
        return 7

    try:
        say(f"main gets {await asyncio.wait_for(ready(), 0)}")
    except TimeoutError:
        say("main: time is up")


@case
async def the_work_is_ready_at_its_deadline():
    try:
        say(f"main gets {await asyncio.wait_for(works('a', 20), 0.02)}")
    except TimeoutError:
        say("main: time is up")


@case
async def an_inner_time_out_is_shorter():
    try:
        async with asyncio.timeout(0.03):
            try:
                async with asyncio.timeout(0.01):
                    await works("a", 100)
            except TimeoutError:
                say("inner: time is up")
            await sleep(5)
        say("main ends")
    except TimeoutError:
        say("outer: time is up")


@case
async def an_outer_time_out_is_shorter():
    try:
        async with asyncio.timeout(0.01):
            try:
                async with asyncio.timeout(0.03):
                    await works("a", 100)
            except TimeoutError:
                say("inner: time is up")
        say("main ends")
    except TimeoutError:
        say("outer: time is up")


@case
async def a_value_and_a_request_to_stop_arrive_together():
    message = asyncio.get_running_loop().create_future()

    async def worker():
        say(f"worker gets {await asyncio.wait_for(message, 1)}")
        await sleep(100)
        say("worker ends")

    task = spawn(worker())
    await sleep(10)
    message.set_result(7)
    task.cancel()
    await sleep(50)
    say(f"main: the worker has ended: {str(task.done()).lower()}")
    await asyncio.wait([task])


@case
async def a_group_waits_for_its_children():
    async with asyncio.TaskGroup() as group:
        group.create_task(works("a", 30))
        group.create_task(works("b", 10))
        say("body ends")
    say("main ends")


@case
async def an_error_in_a_group_cancels_the_siblings():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(works("a", 100))
            group.create_task(fails("b", 10))
    except BaseExceptionGroup as errors:
        say(f"main gets {' '.join(str(error) for error in errors.exceptions)}")


@case
async def a_group_is_cancelled_from_outside():
    async def work():
        async with asyncio.TaskGroup() as group:
            group.create_task(works("a", 100))

    task = spawn(work())
    await sleep(10)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("main: it was cancelled")


if __name__ == "__main__":
    run_all()
