"""A server of the MCP SDK on a free port, which it prints; for test_gateway_clients.py. Runs in the environment with the SDK."""
import asyncio
import socket

import uvicorn
from mcp.server.mcpserver import MCPServer

server = MCPServer("real", log_level="ERROR")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    app = server.streamable_http_app()
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    print(listener.getsockname()[1], flush=True)
    await running.serve(sockets=[listener])


asyncio.run(main())
