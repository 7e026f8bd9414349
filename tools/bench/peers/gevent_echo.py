"""gevent's StreamServer: a greenlet for each connection."""
from gevent.server import StreamServer


def echo(socket, address):
    try:
        while data := socket.recv(65536):
            socket.sendall(data)
    except OSError:
        pass


server = StreamServer(("127.0.0.1", 0), echo, backlog=4096)
server.start()
print("listening on %s:%d" % server.address, flush=True)
server.serve_forever()
