// Acts as an agent with the official TypeScript SDK: node sdk-client.mjs MODULES URL
// Each line of stdin is a call, such as {"name": "guards", "arguments": {}, "timeout": 1000}. Prints a line for each progress
// message and each result. The connection stays open until stdin ends.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, url] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");

const print = (it) => console.log(JSON.stringify(it));
const client = new Client({ name: "agent", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
await client.listTools();
for await (const line of createInterface({ input: process.stdin })) {
  const { timeout, ...call } = JSON.parse(line);
  try {
    // without a timeout the SDK's own counts: 60 s
    print(await client.callTool(call, undefined, { timeout, onprogress: (progress) => print({ progress }) }));
  } catch (error) {
    print({ error: error.message });
  }
}
await client.close();
