import { Redis } from 'ioredis';
import { SweepError } from '../sweepError.js';

/** All keys on Redis start with it. */
export const PREFIX = 'fuga';

const CONNECT_MS = 5000;
/** Connections that were closed on purpose. */
const ended = new WeakSet<Redis>();

/** Closes a connection for good. */
export function disconnect(redis: Redis): void {
  ended.add(redis);
  redis.disconnect();
}

/**
 * A connection that comes back by itself: commands given while Redis is away wait for it. Only the first connection
 * must work at once. `note` hears when it goes and when it is back.
 */
export async function connect(
  url: string,
  note: (message: string) => void = () => undefined,
): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url))
    throw new SweepError(`expected a Redis URL as redis://host:6379, got "${url}"`, 2);
  let reason = 'it did not answer within 5 s';
  let [away, ready] = [false, false];
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    // The first time it must answer; later it is waited for.
    retryStrategy: (times) => (ready ? Math.min(2000, 100 * times) : null),
  });
  redis.on('error', (error: Error) => {
    reason = error.message || (error as NodeJS.ErrnoException).code || reason;
  });
  redis.on('close', () => {
    if (!ready || away || ended.has(redis)) return;
    away = true;
    note(`Redis is gone (${showUrl(url)}): waiting for it to come back; nothing is lost`);
  });
  redis.on('ready', () => {
    if (away) note('Redis is back');
    away = false;
  });
  const timer = new Promise<never>((_, reject) =>
    setTimeout(() => {
      reject(new Error(reason));
    }, CONNECT_MS).unref(),
  );
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), timer]);
    ready = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    const why = (error as Error).message === 'Connection is closed.' ? reason : (error as Error).message;
    throw new SweepError(
      `cannot reach Redis at ${showUrl(url)}: ${why}. Start one (redis-server --appendonly yes) or correct --redis.`,
    );
  }
}

/** The URL without its password. */
export function showUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}

/** Key that a coordinator holds while it hands out a queue's trials. */
export function coordinatorKey(queue: string): string {
  return `${PREFIX}:coordinator:${queue}`;
}

/** Key that is there when a sweep was told to stop. */
export function cancelledKey(queue: string, sweep: string): string {
  return `${PREFIX}:cancelled:${queue}:${sweep}`;
}
