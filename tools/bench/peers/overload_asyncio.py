"""Streams of asyncio: reads a request, works for a time of the thread's processor, answers, closes."""
import asyncio, sys, time

WORK = int(sys.argv[1]) / 1e6


async def serve(reader, writer):
    try:
        await reader.readexactly(64)
        end = time.thread_time() + WORK
        while time.thread_time() < end:
            pass
        writer.write(b"a" * 64)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print("listening on %s:%d" % server.sockets[0].getsockname(), flush=True)
    await server.serve_forever()


asyncio.run(main())
