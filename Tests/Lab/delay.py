"""A TCP proxy that adds a delay each way, for kernels without netem: delay.py MS LISTENPORT:HOST:PORT ..."""

import asyncio
import socket
import sys

DELAY = float(sys.argv[1]) / 1000


async def pump(reader, writer):
    """Hands on what is read, each piece DELAY after it came, without holding up the reading."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def deliver():
        while True:
            due, piece = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()

    delivery = asyncio.create_task(deliver())
    try:
        while piece := await reader.read(65536):
            queue.put_nowait((loop.time() + DELAY, piece))
    except ConnectionError:
        pass
    queue.put_nowait((loop.time() + DELAY, b""))
    try:
        await delivery
    except ConnectionError:
        writer.close()


async def listen(port, host, target):
    async def connected(reader, writer):
        await asyncio.sleep(2 * DELAY)  # the handshake's round trip
        try:
            far_reader, far_writer = await asyncio.open_connection(host, target)
        except OSError:
            writer.close()
            return
        for side in (writer, far_writer):
            side.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    await asyncio.start_server(connected, "127.0.0.1", port)


async def main():
    for argument in sys.argv[2:]:
        port, host, target = argument.split(":")
        await listen(int(port), host, int(target))
    await asyncio.Event().wait()


asyncio.run(main())
