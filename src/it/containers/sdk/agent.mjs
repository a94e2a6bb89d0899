// Acts as an agent with the SDKs for Node.js: node agent.mjs MODULES. It reads and prints the same lines as agent.py.
import { File } from "node:buffer";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.argv[2]}/`);
const { fetch, ProxyAgent } = require("undici");
const { Anthropic } = require("@anthropic-ai/sdk");
const { OpenAI } = require("openai");

// as the SDKs document it, because the fetch of Node 18 ignores the variables that name a proxy
const throughProxy = { fetch, fetchOptions: { dispatcher: new ProxyAgent(process.env.HTTPS_PROXY) } };
globalThis.File ??= File; // which the SDKs need, and Node 18 has elsewhere

const question = [{ role: "user", content: "Hello" }];
const names = { key: "apiKey", token: "authToken", url: "baseURL", headers: "defaultHeaders", query: "defaultQuery" };

const anthropic = {
  library: Anthropic,
  release: "/v1/release/",
  create: (client, model, more) => client.messages.create({ model, max_tokens: 100, messages: question, ...more }),
  text: (answer) => answer.content[0].text,
  part: (event) => (event.type === "content_block_delta" ? event.delta.text : ""),
  upload: async (client, file) => {
    const { id, size_bytes: size } = await client.beta.files.upload({ file });
    return { id, size };
  },
};
const openai = {
  library: OpenAI,
  release: "/release/", // its base URL ends with /v1
  create: (client, model, more) => client.responses.create({ model, input: "Hello", ...more }),
  text: (answer) => answer.output_text,
  part: (event) => (event.type === "response.output_text.delta" ? event.delta : ""),
  upload: async (client, file) => {
    const { id, bytes: size } = await client.files.create({ file, purpose: "assistants" });
    return { id, size };
  },
};
const chat = {
  ...openai,
  create: (client, model, more) => client.chat.completions.create({ model, messages: question, ...more }),
  text: (answer) => answer.choices[0].message.content,
  part: (chunk) => chunk.choices[0].delta.content ?? "",
};

async function run(sdk, client, call) {
  switch (call.do) {
    case "call":
    case "chat":
      return { text: sdk.text(await sdk.create(client, call.model)) };
    case "stream":
    case "chat-stream": {
      let text = "";
      let events = 0;
      for await (const event of await sdk.create(client, call.model, { stream: true })) {
        if (events === 0) await client.post(sdk.release + call.model);
        text += sdk.part(event);
        events += 1;
      }
      return { text, events };
    }
    case "upload":
      return sdk.upload(client, new globalThis.File([await readFile(call.file)], "upload.bin"));
    case "models": {
      const models = [];
      for await (const model of client.models.list()) models.push(model.id);
      return { models };
    }
  }
}

async function outcome(call) {
  const sdk = call.sdk === "anthropic" ? anthropic : call.do.startsWith("chat") ? chat : openai;
  const settings = Object.fromEntries(Object.entries(call.settings ?? {}).map(([name, value]) => [names[name], value]));
  const client = new sdk.library({ maxRetries: 0, ...throughProxy, ...settings });
  try {
    return await run(sdk, client, call);
  } catch (error) {
    const { status, headers, cause } = error;
    const message = [error.message, cause, cause?.cause].filter(Boolean).join(": "); // "Connection error." alone says little
    return { error: error.constructor.name, status, message, headers: Object.fromEntries(headers ?? []) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await outcome(JSON.parse(line))));
}
