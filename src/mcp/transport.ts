import { PassThrough, type Readable, type Writable } from "node:stream";
import { isJSONRPCNotification, isJSONRPCRequest, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/** A question whose answer takes longer than any tool does is not waited for. */
const LONGEST_ANSWER_MS = 30_000;

/**
 * stdio that answers what was asked before its input ended: the SDK's own drops those questions, and a client that writes
 * some and closes the pipe hears nothing.
 */
export class AnsweringTransport extends StdioServerTransport {
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  #resolve: () => void;
  #open = new Set<string | number>();
  #input: PassThrough;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(stdin: Readable, stdout: Writable) {
    const input = new PassThrough();
    super(input, stdout);
    this.#input = input;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolve = resolve;
    stdin.on("data", (chunk) => input.write(chunk));
    const end = () => this.#end();
    for (const event of ["end", "close", "error"]) stdin.on(event, end);
  }

  override async start(): Promise<void> {
    const deliver = this.onmessage;
    if (deliver)
      this.onmessage = (message) => {
        this.#remember(message);
        deliver(message);
      };
    await super.start();
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    try {
      await super.send(message);
    } finally {
      if (!("method" in message) && message.id !== undefined) this.#forget(message.id);
    }
  }

  override async close(): Promise<void> {
    clearTimeout(this.#timer);
    await super.close();
    this.#resolve();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    // What came with the last bytes is delivered first.
    setImmediate(() => {
      if (this.#open.size === 0) this.#input.end();
      else this.#timer = setTimeout(() => this.#input.end(), LONGEST_ANSWER_MS);
    });
  }

  #remember(message: JSONRPCMessage): void {
    // A subscription is answered when the connection ends.
    if (isJSONRPCRequest(message) && message.method !== "subscriptions/listen") this.#open.add(message.id);
    if (!isJSONRPCNotification(message) || message.method !== "notifications/cancelled") return;
    const id = message.params?.["requestId"];
    if (typeof id === "string" || typeof id === "number") this.#forget(id);
  }

  #forget(id: string | number): void {
    this.#open.delete(id);
    if (this.#ended && this.#open.size === 0) this.#input.end();
  }
}
