// Runs in the desk's worker, loaded when a file is first brought.
import {
  describeRun,
  diagnose,
  EngineError,
  isUltralytics,
  loadWeights,
  locate,
  missingOpsOf,
  openRun,
  probeIds,
  readNetworkFile,
  readSafetensors,
  readTrace,
  reopenRun,
  resolveSpec,
  SpecSyntaxError,
  ultralyticsRun,
  type Place,
} from '@fuga/engine';
import type { SpecInput } from '../worker/protocol.js';
import type { Brought, Fault, Found, Given, Reading, ReadingContext, Recording } from './brought.js';
import { readSpecText } from '../worker/specText.js';
import { bytesOf, subjectOf } from './given.js';
import { sortFiles, type Sorted } from './sorting.js';

/** Memory that a network brought is given, so that a page on a small machine stays well. */
const MOST_MEMORY = 768 * 2 ** 20;
/** Samples of noise kept for a network without data, in bytes. */
const MOST_NOISE = 128 * 2 ** 20;
const MOST_BATCH = 64;

/** Stands for a fault that the page says in its own words. */
const BINARY = 'binary';

let made = 0;

/** Reads what was dropped, and makes of it the one thing that it is: a recording, a network, a spec or weights. */
export async function readFiles(found: readonly Found[], context: ReadingContext): Promise<Reading> {
  const sorted = await sortFiles(found);
  const faults = [...sorted.faults];
  const { trace, network, spec, tensors, numpy } = sorted.byKind;
  const main = trace[0] ?? network[0] ?? spec[0] ?? tensors[0];
  if (!main) {
    const [data] = numpy;
    if (data && context.given?.network) return readData(data, faults, context);
    if (data) faults.push({ kind: 'data', file: data.path });
    else if (faults.length === 0) faults.push({ kind: 'empty', file: found[0]?.path ?? '' });
    return { brought: null, faults };
  }
  const same = [trace, network, spec, tensors].find((list) => list[0] === main)!;
  if (same.length > 1 && same !== tensors) {
    return {
      brought: null,
      faults: [...faults, { kind: 'many', file: same.map(({ path }) => path).join(', ') }],
    };
  }
  try {
    return { brought: await make(sorted, context), faults };
  } catch (error) {
    return {
      brought: null,
      faults: [...faults, await faultOf(main, error, same === network ? sorted : null)],
    };
  }
}

function make(sorted: Sorted, context: ReadingContext): Promise<Brought> {
  const { trace, network, spec, tensors } = sorted.byKind;
  if (trace[0]) return readRecording(trace[0], spec[0], tensors[0], context);
  if (network[0]) return readNetwork(network[0], sorted, context);
  if (spec[0]) return readSpec(spec[0], tensors[0]);
  return tryWeights(tensors[0]!, context);
}

async function readSpec({ path, file }: Found, weights: Found | undefined): Promise<Brought> {
  const { spec, text } = await readText(path, file);
  try {
    const described = await describeRun(spec, { exact: true });
    const given = weights ? { id: newId(), network: null, data: null, weights: weights.file } : null;
    if (given) {
      const subject = await subjectOf(spec, given);
      subject.start(await openRun(spec, { exact: true }));
    }
    return { kind: 'spec', name: described.spec.name, spec, given };
  } catch (error) {
    throw error instanceof EngineError ? new InText(error, text) : error;
  }
}

/** An error of a text, and where in it. */
class InText extends Error {
  readonly place: Place;
  readonly line: string;
  constructor(error: SpecSyntaxError | EngineError, text: string) {
    const isSyntax = error instanceof SpecSyntaxError;
    const where = isSyntax || error.path.length === 0 ? '' : `${error.path.join('.')}: `;
    super(`${where}${isSyntax ? error.message : error.reason}`);
    this.place = isSyntax ? error.place : locate(text, error.path);
    this.line = (text.split('\n')[this.place.line - 1] ?? '').slice(0, 200);
  }
}

async function readText(path: string, file: File): Promise<{ spec: SpecInput; text: string }> {
  const bytes = await bytesOf(file);
  let text: string;
  try {
    if (bytes.includes(0)) throw new TypeError('a zero byte');
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new EngineError('FORMAT', BINARY);
  }
  try {
    const named = readSpecText(text);
    if (isUltralytics(named)) return { spec: detectorSpec(path, named), text };
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/(\.fuga)?\.\w+$/, '');
    return { spec: 'name' in named || !('fuga' in named) ? named : { ...named, name }, text };
  } catch (error) {
    throw error instanceof SpecSyntaxError || error instanceof EngineError ? new InText(error, text) : error;
  }
}

/** A model file in Ultralytics' syntax as a spec, called by the file and its scale. */
function detectorSpec(path: string, file: object): SpecInput {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { spec, scale } = ultralyticsRun(name, file);
  return { ...spec, name: `${name}${scale === null ? '' : `, ${scale}`}` };
}

/** Data that came alone, for the network that is open and came from a file as well. */
async function readData(
  data: Found,
  faults: readonly Fault[],
  { given, shape }: ReadingContext,
): Promise<Reading> {
  try {
    const network = given!.network!;
    const brought = await openNetwork(network.file.name, {
      ...given!,
      id: newId(),
      network: { ...network, shape: shape ?? network.shape },
      data: data.file,
    });
    return { brought, faults };
  } catch (error) {
    return { brought: null, faults: [...faults, await faultOf(data, error, null)] };
  }
}

async function readNetwork(main: Found, sorted: Sorted, context: ReadingContext): Promise<Brought> {
  const { tensors, numpy, beside } = sorted.byKind;
  const folder = main.path.slice(0, main.path.lastIndexOf('/') + 1);
  const near = [...tensors, ...beside].filter(({ path }) => path.startsWith(folder));
  return openNetwork(main.file.name, {
    id: newId(),
    network: { file: main.file, beside: near.map(({ file }) => file), shape: context.shape },
    data: numpy[0]?.file ?? null,
    weights: null,
  });
}

/** A network from a file as a spec, with the largest batch that fits where neither the file nor the data fix one. */
async function openNetwork(name: string, given: Given): Promise<Brought> {
  const asked = (batch: number): SpecInput => ({ model: { type: 'imported' }, data: { batch } });
  const first = await subjectOf(asked(1), given);
  const spec = first.suggested!;
  const { batch } = spec['data'] as { batch: number };
  if (batch !== 1) return { kind: 'spec', name, spec, given }; // the file fixes it
  const { memory, input } = await describeRun(spec, { ...first.options, exact: true });
  const room = (MOST_MEMORY - memory.parameters - memory.optimizer) / Math.max(1, memory.activations);
  const noise = MOST_NOISE / (8 * 4 * input.reduce((size, axis) => size * axis, 1));
  const rows = first.options.data?.samples.train.length ?? MOST_BATCH;
  const most = Math.min(room, given.data ? rows : Math.min(noise, MOST_BATCH), MOST_BATCH);
  const larger = 2 ** Math.max(0, Math.floor(Math.log2(most)));
  if (larger === 1) return { kind: 'spec', name, spec, given };
  const second = await subjectOf(asked(larger), given);
  return { kind: 'spec', name, spec: second.suggested!, given };
}

async function readRecording(
  main: Found,
  spec: Found | undefined,
  weights: Found | undefined,
  { language }: ReadingContext,
): Promise<Brought> {
  const trace = readTrace(await main.file.text());
  const name = main.path.replace(/\/?(trace\.json|[^/]*)$/, (whole, file: string) =>
    file === 'trace.json' ? '' : whole,
  );
  const recording: Recording = {
    name: name || main.path,
    trace,
    probes: probeIds,
    spec: null,
    written: null,
    weights: weights?.file ?? null,
    report: null,
    why: null,
  };
  if (!spec) return { kind: 'recording', recording };
  const { spec: written, text } = await readText(spec.path, spec.file);
  try {
    const resolved = resolveSpec(written);
    const known = { ...recording, spec: resolved, written };
    try {
      const tensors = weights ? readSafetensors(await bytesOf(weights.file)) : null;
      const run = await reopenRun(written, trace, tensors, { exact: true, maxBytes: MOST_MEMORY });
      return { kind: 'recording', recording: { ...known, report: diagnose(run, { language }) } };
    } catch (error) {
      // The measurements can be looked at all the same.
      if (!(error instanceof EngineError)) throw error;
      return { kind: 'recording', recording: { ...known, why: error.reason } };
    }
  } catch (error) {
    throw error instanceof EngineError ? new InText(error, text) : error;
  }
}

/** Tries weights on the present spec, so that a misfit is said here and now. */
async function tryWeights({ file }: Found, { spec, given }: ReadingContext): Promise<Brought> {
  const tensors = readSafetensors(await bytesOf(file));
  const subject = given ? await subjectOf(spec, { ...given, id: newId(), weights: null }) : null;
  const run = await openRun(spec, { exact: true, ...subject?.options });
  const { loaded, missing, unused } = loadWeights(run, tensors);
  return {
    kind: 'weights',
    weights: file,
    loaded: loaded.length,
    missing: missing.length,
    unused: unused.length,
  };
}

async function faultOf(main: Found, error: unknown, network: Sorted | null): Promise<Fault> {
  const file = main.path;
  if (error instanceof InText) {
    const { message, place, line } = error;
    return { kind: 'engine', file, reason: message, place, line };
  }
  if (error instanceof EngineError) {
    if (error.reason === BINARY) return { kind: 'binary', file };
    const ops = error.code === 'UNSUPPORTED' && network ? await opsOf(network) : [];
    if (ops.length > 0) return { kind: 'missing', file, ops };
    const wantsShape = error.reason.includes('--shape');
    const reason = wantsShape
      ? error.reason.replace(/[;,] give (it|the whole shape) with --shape.*$/, '')
      : error.reason;
    return { kind: 'engine', file, reason, ...(wantsShape ? { wantsShape } : {}) };
  }
  return { kind: 'engine', file, reason: error instanceof Error ? error.message : String(error) };
}

async function opsOf({ byKind }: Sorted): Promise<NonNullable<Fault['ops']>> {
  const [main] = byKind.network;
  try {
    const beside = new Map<string, Uint8Array>();
    return missingOpsOf(readNetworkFile({ name: main!.file.name, bytes: await bytesOf(main!.file), beside }));
  } catch {
    return []; // the file is refused for another reason, which is told
  }
}

/** Unique over this page: one desk reads. */
function newId(): number {
  return ++made;
}
