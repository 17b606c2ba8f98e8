import asyncio
import socket

from aiohttp import web


async def handle(request):
    body = await request.json()
    return web.json_response({"echo": body})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


app = web.Application()
app.router.add_post("/", handle)
if __name__ == "__main__":
    web.run_app(app, port=free_port())
