"""Runs an asyncio program on a clock that jumps: python3 run.py PROGRAM."""

import asyncio
import runpy
import selectors
import sys


class JumpingLoop(asyncio.SelectorEventLoop):
    """Its time is virtual: a sleep sets the clock to its end."""

    def __init__(self):
        self.now = 0.0
        loop = self

        class JumpingSelector(selectors.SelectSelector):
            def select(self, timeout=None):
                if timeout is not None and timeout > 0:
                    loop.now += timeout
                return super().select(0)

        super().__init__(JumpingSelector())
        self._clock_resolution = 1e-9

    def time(self):
        return self.now


if __name__ == "__main__":

    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self):
            return JumpingLoop()

    asyncio.set_event_loop_policy(Policy())
    runpy.run_path(sys.argv[1], run_name="__main__")
