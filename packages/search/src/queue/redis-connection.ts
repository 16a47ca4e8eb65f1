import type { Redis } from 'ioredis';
import { SearchError } from '../errors.ts';

/** The two packages of the queue, which are not needed without it. */
export interface QueuePackages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: { readonly Redis: typeof Redis };
}

/** @throws SearchError when they are not installed */
export async function queuePackages(): Promise<QueuePackages> {
  try {
    return { bullmq: await import('bullmq'), ioredis: await import('ioredis') };
  } catch (cause) {
    throw new SearchError('studies over Redis need two more packages: npm install bullmq ioredis', { cause });
  }
}

/**
 * Connects to a Redis server; a connection that is lost later is taken up again, for as long as it takes.
 *
 * @throws SearchError for an address that is none, and for a server that cannot be reached now
 */
export async function redisConnection(
  { ioredis }: QueuePackages,
  url: string,
  say: (line: string) => void,
): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url)) throw new SearchError(`'${url}' is no address of Redis; give redis://HOST:PORT`);
  let first = true;
  const redis = new ioredis.Redis(url, {
    // Commands wait for a server that comes back.
    maxRetriesPerRequest: null,
    lazyConnect: true,
    retryStrategy: (times) => (first ? null : Math.min(1000, 50 * times)),
  });
  let told = false;
  redis.on('error', (error: Error) => {
    if (!told && !first) say(`Redis: ${error.message || error.name}; trying again until it answers`);
    told = true;
  });
  redis.on('ready', () => {
    told = false;
  });
  try {
    await redis.connect();
    first = false;
    return redis;
  } catch (cause) {
    redis.disconnect();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SearchError(
      `Redis at ${withoutPassword(url)} does not answer: ${why}; start it, or give another address`,
      {
        cause,
      },
    );
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}
