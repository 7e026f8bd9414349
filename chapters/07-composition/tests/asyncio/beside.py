"""What the small programs are made of. Each has a counterpart in Rust, and says what it does with its time in milliseconds."""

import asyncio
import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed")

from run import JumpingLoop

CASES = []


def case(function):
    CASES.append(function)
    return function


def say(text):
    print(f"{round(asyncio.get_running_loop().time() * 1000):>4} {text}")


async def sleep(millis):
    await asyncio.sleep(millis / 1000)


spawn = asyncio.create_task


async def works(name, millis):
    """Says when it begins, ends, or is cancelled."""
    say(f"{name} begins")
    try:
        await sleep(millis)
    except asyncio.CancelledError:
        say(f"{name} is cancelled")
        raise
    say(f"{name} ends")
    return name


async def fails(name, millis):
    await sleep(millis)
    say(f"{name} fails")
    raise ValueError(name)


def run_all():
    print(sys.version.split()[0])
    for function in CASES:
        print(f"# {function.__name__}")
        loop = JumpingLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(function())
        loop.close()
