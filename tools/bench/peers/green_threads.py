"""What green threads cost in Python: green_threads.py greenlet|gevent switch|spawn|suspended COUNT.

Prints nanoseconds a switch, nanoseconds to make one, run it and drop it, or bytes for each that is suspended. A switch of greenlet
goes there or back. A switch of gevent goes through its hub, as each wait does.
"""
import os
import sys
import time

import gevent
import greenlet


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def greenlet_switch(count):
    def loop(value):
        back = greenlet.getcurrent().parent
        while True:
            value = back.switch(value)

    other = greenlet.greenlet(loop)
    other.switch(0)
    start = time.perf_counter_ns()
    for number in range(count // 2):
        other.switch(number)
    return (time.perf_counter_ns() - start) / count


def greenlet_spawn(count):
    start = time.perf_counter_ns()
    for number in range(count):
        greenlet.greenlet(lambda: number).switch()
    return (time.perf_counter_ns() - start) / count


def greenlet_suspended(count):
    main = greenlet.getcurrent()
    before = resident()
    kept = [greenlet.greenlet(lambda: main.switch()) for _ in range(count)]
    for one in kept:
        one.switch()
    return (resident() - before) / count


def gevent_switch(count):
    def turns():
        for _ in range(count // 2):
            gevent.sleep(0)

    start = time.perf_counter_ns()
    gevent.spawn(turns).join()
    return (time.perf_counter_ns() - start) / count


def gevent_spawn(count):
    start = time.perf_counter_ns()
    for number in range(count):
        gevent.spawn(lambda: number).join()
    return (time.perf_counter_ns() - start) / count


def gevent_suspended(count):
    event = gevent.event.Event()
    before = resident()
    kept = [gevent.spawn(event.wait) for _ in range(count)]
    gevent.sleep(0)
    used = (resident() - before) / count
    event.set()
    gevent.joinall(kept)
    return used


if __name__ == "__main__":
    import gevent.event

    module, what, count = sys.argv[1:]
    print(globals()[f"{module}_{what}"](int(count)))
