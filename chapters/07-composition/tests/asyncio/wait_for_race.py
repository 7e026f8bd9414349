import asyncio


async def worker(first, second):
    for message in first, second:
        text = await asyncio.wait_for(message, 10)
        print(f"worker: handles {text}")
    print("worker: goes on with other work")
    await asyncio.sleep(3600)


async def main():
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    task = asyncio.create_task(worker(first, second))
    await asyncio.sleep(0)
    first.set_result("message 1")
    for _ in range(3):
        await asyncio.sleep(0)
    print("main: sends message 2 and cancels the worker")
    second.set_result("message 2")
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    state = "has ended" if task.done() else "still runs"
    print(f"main: the worker {state}")


asyncio.run(main())
