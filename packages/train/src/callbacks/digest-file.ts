/** Plain data and typed arrays as bytes with a digest in front: what is not whole is never deserialised, as a wrong length in it could ask for all memory. */

/** Hexadecimal digits of a digest, and the end of the line. */
const DIGEST = 65;

/** Bytes: `head`, the digest of all that follows, the end of the line, and the content (`node:v8`). Node only. */
export async function encodeDigested(head: string, content: unknown): Promise<Uint8Array> {
  const { serialize } = await import('node:v8');
  const body = new Uint8Array(serialize(content));
  const line = new TextEncoder().encode(`${head}${await digestOf(body)}\n`);
  const bytes = new Uint8Array(line.length + body.length);
  bytes.set(line);
  bytes.set(body, line.length);
  return bytes;
}

/** The content; `'other'` where the head is another one, `'damaged'` where the digest does not fit. */
export async function decodeDigested(
  head: string,
  bytes: Uint8Array,
): Promise<'other' | 'damaged' | { readonly content: unknown }> {
  const { deserialize } = await import('node:v8');
  const line = new TextDecoder('latin1').decode(bytes.subarray(0, head.length + DIGEST));
  if (!line.startsWith(head)) return 'other';
  const body = bytes.subarray(head.length + DIGEST);
  return line === `${head}${await digestOf(body)}\n` ? { content: deserialize(body) } : 'damaged';
}

/** SHA-256 in hexadecimal digits. */
export async function digestOf(content: Uint8Array): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}
