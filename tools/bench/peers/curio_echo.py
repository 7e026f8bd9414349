"""curio's sockets, as its documentation's echo server has them."""
import curio
from curio import socket


async def echo(client):
    async with client:
        try:
            while data := await client.recv(65536):
                await client.sendall(data)
        except OSError:
            pass


async def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        client, _ = await listener.accept()
        await curio.spawn(echo, client, daemon=True)


curio.run(main)
