"""gevent's StreamServer: a greenlet for each connection, with the same work as the others."""
import sys, time

from gevent.server import StreamServer

WORK = int(sys.argv[1]) / 1e6


def serve(socket, address):
    try:
        request = b""
        while len(request) < 64:
            data = socket.recv(64 - len(request))
            if not data:
                return
            request += data
        end = time.thread_time() + WORK
        while time.thread_time() < end:
            pass
        socket.sendall(b"a" * 64)
    except OSError:
        pass


server = StreamServer(("127.0.0.1", 0), serve, backlog=4096)
server.start()
print("listening on %s:%d" % server.address, flush=True)
server.serve_forever()
