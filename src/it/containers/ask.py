"""Acts as the agent: ask.py URL TOOL [JSON] calls a tool of supervise and prints the text of the result."""

import asyncio
import json
import sys

sys.path.insert(0, "/app/supervise-libs")

from mcp.client import Client


async def main(url: str, tool: str, arguments: str = "{}") -> None:
    async with Client(url) as client:
        await client.list_tools()  # otherwise the client does so after the call, to check the result
        result = await client.call_tool(tool, json.loads(arguments))
        print(*(content.text for content in result.content), sep="\n")


asyncio.run(main(*sys.argv[1:]))
