// Runs in workers, loaded when a file is first brought.
import {
  EngineError,
  givenTensorsOf,
  importedRun,
  loadWeights,
  readNetworkFile,
  readNpz,
  readSafetensors,
  type GivenTensor,
  type ImportedNetwork,
  type NetworkSourceFile,
  type Run,
  type RunOptions,
  type SafeTensors,
} from '@fuga/engine';
import { Draft } from '../lab/draft.js';
import type { SpecInput } from '../worker/protocol.js';
import type { Given } from './brought.js';

/** What a run is opened with beside its spec. */
export interface Subject {
  readonly options: Pick<RunOptions, 'data'>;
  readonly network: ImportedNetwork | null;
  /** The spec of an imported network as its file and data suggest it; null where there is no such file. */
  readonly suggested: SpecInput | null;
  /** Puts the weights in that were given, if any. */
  readonly start: (run: Run) => void;
}

interface Parts {
  readonly network: NetworkSourceFile | null;
  readonly data: { readonly x: GivenTensor; readonly y: GivenTensor | null } | null;
  readonly weights: SafeTensors | null;
}

/** The files that were read last: resets and edits of the same subject read nothing again. */
let last: { readonly id: number; readonly parts: Promise<Parts> } | null = null;

/** Whether a spec is of a network that lies in a file. */
export function isImported(spec: SpecInput): boolean {
  const { model } = spec as { model?: { type?: unknown } };
  return model?.type === 'imported';
}

/** Reads what was given and makes of it what a run of `spec` is opened with. */
export async function subjectOf(spec: SpecInput, given: Given): Promise<Subject> {
  if (last?.id !== given.id) last = { id: given.id, parts: readParts(given) };
  const { network, data, weights } = await last.parts;
  const start = (run: Run) => {
    if (weights) loadWeights(run, weights);
  };
  if (!network || !isImported(spec)) return { options: {}, network: null, suggested: null, start };
  const loss = new Draft(spec).typeOf('loss', '');
  const batch = (spec['data'] as { batch?: unknown } | undefined)?.batch;
  const subject = await importedRun(network, {
    ...(given.network?.shape ? { shape: given.network.shape } : {}),
    ...(data ? { x: data.x } : {}),
    ...(data?.y ? { y: data.y } : {}),
    ...(typeof batch === 'number' ? { batch } : {}),
    ...(loss === '' ? {} : { loss }),
    ...(typeof spec['seed'] === 'number' ? { seed: spec['seed'] } : {}),
    // A file without weights describes a network that is yet to be drawn.
    ...(network.hasWeights ? {} : { reinit: true }),
  });
  return { options: subject.options, network: subject.network, suggested: subject.spec, start };
}

async function readParts({ network, data, weights }: Given): Promise<Parts> {
  return {
    network: network && (await readNetwork(network)),
    data: data && (await readData(data)),
    weights: weights && readSafetensors(await bytesOf(weights)),
  };
}

async function readNetwork({ file, beside }: NonNullable<Given['network']>): Promise<NetworkSourceFile> {
  const entries = await Promise.all(beside.map(async (each) => [each.name, await bytesOf(each)] as const));
  return readNetworkFile({ name: file.name, bytes: await bytesOf(file), beside: new Map(entries) });
}

/** The tensors `x` and `y` of an .npz or .safetensors file. */
async function readData(file: File): Promise<Parts['data']> {
  const bytes = await bytesOf(file);
  const named = file.name.toLowerCase().endsWith('.npz')
    ? readNpz(bytes)
    : givenTensorsOf(readSafetensors(bytes));
  const { x, y } = named as Record<string, GivenTensor | undefined>;
  if (!x || x.shape.length === 0) {
    throw new EngineError(
      'DATA',
      `${file.name}: expected a tensor "x" with one row a sample (and "y"), got ${Object.keys(named).slice(0, 8).join(', ') || 'none'}`,
    );
  }
  if (y && y.shape[0] !== x.shape[0]) {
    throw new EngineError('DATA', `${file.name}: x has ${x.shape[0]} samples, y has ${y.shape[0] ?? 'none'}`);
  }
  return { x, y: y ?? null };
}

export async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
