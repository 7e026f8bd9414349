"""Tornado's TCPServer, with the same work as the others."""
import asyncio, sys, time

from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.tcpserver import TCPServer

WORK = int(sys.argv[1]) / 1e6


class Server(TCPServer):
    async def handle_stream(self, stream, address):
        try:
            await stream.read_bytes(64)
            end = time.thread_time() + WORK
            while time.thread_time() < end:
                pass
            await stream.write(b"a" * 64)
        except StreamClosedError:
            pass
        finally:
            stream.close()


async def main():
    sockets = bind_sockets(0, "127.0.0.1", backlog=4096)
    server = Server()
    server.add_sockets(sockets)
    print("listening on %s:%d" % sockets[0].getsockname(), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
