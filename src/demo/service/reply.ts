export type Header = [name: string, value: string];

/** A response before it is sent; Content-Length and Date are added on sending. */
export type Reply = { status: number; headers: Header[]; body: Buffer };

export function jsonReply(status: number, value: unknown): Reply {
  return textReply(status, "application/json", JSON.stringify(value));
}

export function textReply(status: number, type: string, text: string | Buffer): Reply {
  const body = Buffer.from(text);
  return { status, headers: [["Content-Type", type]], body };
}

export function headerOf(reply: Reply, name: string): string | undefined {
  return reply.headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
}

/** The reply with a header set to these values; without values the header is removed. */
export function withHeader(reply: Reply, name: string, ...values: string[]): Reply {
  const others = reply.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase());
  return { ...reply, headers: [...others, ...values.map((value): Header => [name, value])] };
}
