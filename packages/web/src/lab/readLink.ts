// Loaded when there is a link to read.
import { VERSION, views, type LabState } from './link.js';

const MOST_CHARACTERS = 16_384;
const MOST_BYTES = 131_072;
const MOST_NODES = 6000;
const MOST_DEPTH = 24;
const MOST_LAYERS = 5000;
const MOST_TEXT = 4000;

/** Why a link was not taken. */
export type LinkFault = 'version' | 'damaged' | 'tooLarge';

export type Decoded = { readonly state: LabState } | { readonly fault: LinkFault };

/**
 * Reads what stands behind the # of a link. Never throws, whatever it is given, and bounds every size before it
 * takes any memory: the link may come from anyone.
 */
export async function decodeLink(hash: string): Promise<Decoded> {
  const text = hash.startsWith('#') ? hash.slice(1) : hash;
  if (text.length > MOST_CHARACTERS) return { fault: 'tooLarge' };
  const dot = text.indexOf('.');
  if (dot < 0) return { fault: 'damaged' };
  if (text.slice(0, dot) !== VERSION)
    return { fault: /^\d{1,4}$/.test(text.slice(0, dot)) ? 'version' : 'damaged' };
  try {
    const bytes = await inflate(fromLetters(text.slice(dot + 1)));
    if (!bytes) return { fault: 'tooLarge' };
    return readState(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return { fault: 'damaged' };
  }
}

function fromLetters(letters: string): Uint8Array<ArrayBuffer> {
  const binary = atob(letters.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** Inflates, stopping as soon as it is more than a link may hold; null then. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const result = new Uint8Array(MOST_BYTES);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return result.subarray(0, length);
    if (length + value.length > MOST_BYTES) {
      await reader.cancel();
      return null;
    }
    result.set(value, length);
    length += value.length;
  }
}

function readState(raw: unknown): Decoded {
  if (!isMapping(raw) || !isMapping(raw['spec'])) return { fault: 'damaged' };
  if (!isBounded(raw)) return { fault: 'tooLarge' };
  const { spec, view, chapter, site } = raw;
  if (!isMapping(spec) || countLayers(spec['network'], 1) > MOST_LAYERS) return { fault: 'tooLarge' };
  return {
    state: {
      view: views.find((known) => known === view) ?? 'observe',
      spec,
      ...(typeof chapter === 'number' && Number.isInteger(chapter) && chapter >= 0 && chapter < 100
        ? { chapter }
        : {}),
      ...(typeof site === 'string' ? { site } : {}),
    },
  };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether data are small enough to be looked at at all; walks with a stack of its own, so depth cannot overflow. */
export function isBounded(root: unknown): boolean {
  const stack: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  let nodes = 0;
  while (stack.length > 0) {
    const { value, depth } = stack.pop()!;
    if (++nodes > MOST_NODES || depth > MOST_DEPTH) return false;
    if (typeof value === 'string' && value.length > MOST_TEXT) return false;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (key === '__proto__' || key.length > 200) return false;
      stack.push({ value: child, depth: depth + 1 });
    }
  }
  return true;
}

/** Layers that a list spells out, repeats and bodies multiplied. */
function countLayers(layers: unknown, times: number): number {
  if (!Array.isArray(layers)) return 0;
  let sum = 0;
  for (const layer of layers) {
    if (!isMapping(layer)) continue;
    const repeat = typeof layer['repeat'] === 'number' ? layer['repeat'] : 1;
    const all = times * Math.max(1, repeat);
    sum += all;
    for (const value of Object.values(layer)) sum += countLayers(value, all);
    if (sum > MOST_LAYERS) return sum;
  }
  return sum;
}
