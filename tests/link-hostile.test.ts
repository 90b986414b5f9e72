import { describe, expect, test } from 'vitest';
import { loadKernels } from '@fuga/core-wasm';
import { describeRun, EngineError, resolveSpec, writeSpec } from '@fuga/engine';
import { Draft } from '../packages/web/src/lab/draft.js';
import { encodeLink, views } from '../packages/web/src/lab/link.js';
import { decodeLink, isBounded } from '../packages/web/src/lab/readLink.js';
import { bombs, honestStates, hostileHash } from './links.js';
import { Lcg } from './nets.js';

/** How many hostile links to read: FUGA_FUZZ, or as many of 100,000 as fit into the time for them. */
const LINKS = Number(process.env['FUGA_FUZZ'] ?? 100_000);
const SECONDS = process.env['FUGA_FUZZ'] ? Infinity : 15;
/** No single link may keep the lab busy for longer. Time on a core: a busy machine makes all else slower. */
const MOST_MS = 3000;
const busy = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const faults = ['version', 'damaged', 'tooLarge'];
const kernels = await loadKernels({ exact: true });

/**
 * All that the lab does with a link before the first step: reading, filling in the form, resolving and, where it is to
 * be thorough, recording the network.
 */
async function take(hash: string, thorough = true): Promise<'fault' | 'refused' | 'taken'> {
  const decoded = await decodeLink(hash);
  if ('fault' in decoded) {
    expect(faults).toContain(decoded.fault);
    return 'fault';
  }
  const { view, spec, chapter, site } = decoded.state;
  expect(views).toContain(view);
  expect(isBounded(spec)).toBe(true);
  expect(chapter === undefined || (chapter >= 0 && chapter < 100)).toBe(true);
  expect(site === undefined || typeof site === 'string').toBe(true);
  // What the page shows of it without asking the engine.
  const draft = new Draft(spec);
  const shown = [draft.source, draft.clip, draft.typeOf('model', ''), draft.typeOf('optimizer', 'sgd')];
  expect(shown.every((text) => typeof text === 'string')).toBe(true);
  expect([draft.batch, draft.learningRate, draft.number('seed', 1)].every(Number.isFinite)).toBe(true);
  // What the editor shows beside the blocks, whether the engine takes the spec or not.
  expect(typeof writeSpec(spec)).toBe('string');
  // The link that the address bar then holds leads back to it.
  const again = await decodeLink(await encodeLink(decoded.state));
  expect('state' in again || again.fault === 'tooLarge').toBe(true);
  try {
    resolveSpec(spec);
    if (thorough) await describeRun(spec, { exact: true, kernels });
    return 'taken';
  } catch (error) {
    if (error instanceof EngineError) return 'refused';
    throw error;
  }
}

describe('hostile links', () => {
  test('honest ones are taken, and say the same again', async () => {
    expect(honestStates.length).toBeGreaterThan(10);
    for (const state of honestStates) {
      const hash = await encodeLink(state as never);
      expect(hash.length).toBeLessThan(2048);
      expect(await decodeLink(`#${hash}`)).toEqual({ state });
      expect(await take(hash)).toBe('taken');
    }
  });

  test.each(bombs.map((hash, i) => [i, hash] as const))(
    'bomb %i is turned away in time and small',
    async (_, hash) => {
      const before = process.memoryUsage().arrayBuffers;
      const start = busy();
      await take(hash);
      expect(busy() - start).toBeLessThan(MOST_MS);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    },
  );

  test(
    'neither throw, nor hang, nor leave anything behind',
    async () => {
      const started = performance.now();
      const counts = { fault: 0, refused: 0, taken: 0 };
      let [read, slowest, slowestLink] = [0, 0, 0];
      const clean = Object.getOwnPropertyNames(Object.prototype).sort().join();
      for (; read < LINKS && performance.now() - started < 1000 * SECONDS; read++) {
        const hash = hostileHash(new Lcg(read * 2654435761 + 1));
        const start = busy();
        try {
          counts[await take(hash, SECONDS === Infinity || read % 8 === 0)]++;
        } catch (error) {
          throw new Error(`link ${read}: #${hash.slice(0, 3000)}`, { cause: error });
        }
        const took = busy() - start;
        if (took > slowest) [slowest, slowestLink] = [took, read];
        if (took > MOST_MS) throw new Error(`link ${read} took ${took} ms: #${hash.slice(0, 3000)}`);
      }
      console.info(
        `${read} links: ${counts.fault} unreadable, ${counts.refused} refused, ${counts.taken} taken; slowest ${slowest.toFixed(0)} ms (${slowestLink})`,
      );
      expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(clean);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(read).toBeGreaterThan(1000);
      // All three ends are reached: the reader does not just turn everything away.
      for (const count of Object.values(counts)) expect(count).toBeGreaterThan(read / 100);
    },
    Number.isFinite(SECONDS) ? 60_000 : 100_000_000,
  );
});
