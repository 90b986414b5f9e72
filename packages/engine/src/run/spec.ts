import * as v from 'valibot';
import { EngineError, unknownName, type PathStep } from '../core/errors.js';
import type { Layer, LayerSpec, Options, Parsed } from '../core/layer.js';
import { count, optional, parse, parseOptions, positive } from '../core/options.js';
import type { Dataset, DataShape } from '../datasets/dataset.js';
import { readLoss, shortestLoss, type LossSpec } from '../losses/loss.js';
import { losses, models, optimizers, schedules, datasets, layers } from './shelves.js';

/** Data of a run: a source on the shelf of data sets, or data handed in by whoever read a file. */
export interface DataSpec {
  readonly source: string;
  readonly batch: number;
  /** `standard`: zero mean, unit variance over the training samples; `none`: as it comes. */
  readonly scale: 'standard' | 'none';
  readonly [option: string]: unknown;
}

/** All that decides a run, as plain data with every default filled in. The same spec gives the same numbers. */
export interface RunSpec {
  readonly fuga: 1;
  readonly name: string;
  readonly seed: number;
  readonly data: DataSpec;
  readonly model?: { readonly type: string; readonly [option: string]: unknown };
  readonly network?: readonly LayerSpec[];
  /** A name, or a mapping where some option differs from its default. */
  readonly loss: LossSpec;
  readonly optimizer: { readonly type: string; readonly lr: number; readonly [option: string]: unknown };
  readonly clip?: { readonly norm?: number; readonly value?: number };
  readonly schedule: { readonly type: string; readonly [option: string]: unknown };
  readonly steps: number;
}

const frame = v.strictObject({
  fuga: v.literal(1),
  name: v.optional(v.string()),
  seed: optional(count(0, Number.MAX_SAFE_INTEGER), 1),
  data: v.union([v.string(), v.looseObject({})]) as v.GenericSchema<string | Record<string, unknown>>,
  model: v.optional(v.looseObject({ type: v.string() })),
  network: v.optional(v.array(v.looseObject({ type: v.string() }))),
  loss: v.optional(v.union([v.string(), v.looseObject({ type: v.optional(v.string()) })])),
  optimizer: optional(v.union([v.string(), v.looseObject({ type: optional(v.string(), 'sgd') })]), {
    type: 'sgd',
  }),
  clip: v.optional(v.strictObject({ norm: v.optional(positive()), value: v.optional(positive()) })),
  schedule: optional(v.union([v.string(), v.looseObject({ type: optional(v.string(), 'constant') })]), {
    type: 'constant',
  }),
  steps: optional(count(0, 1e9), 300),
});

/** Data handed in instead of named: a file that a front end has read. */
export type GivenData = DataShape;

/**
 * Checks a spec and fills in every default. Throws an `EngineError` whose path leads to the faulty place.
 * `given` describes data that a front end has read from a file; without it the source must be on the shelf.
 */
export function resolveSpec(input: unknown, given?: GivenData): RunSpec {
  const raw = parse(frame, input, []);
  const data = resolveData(raw.data, given);
  const shape = given ?? describeData(data);
  if ((raw.model === undefined) === (raw.network === undefined)) {
    throw new EngineError(
      'SPEC',
      'expected either network (a list of layers) or model (a family), not both or neither',
      [raw.model ? 'model' : 'network'],
    );
  }
  if (raw.clip && raw.clip.norm === undefined && raw.clip.value === undefined) {
    throw new EngineError('SPEC', 'expected what to clip to, as { norm: 1 } or { value: 0.5 }', ['clip']);
  }
  const loss = resolveLoss(raw.loss, shape);
  const optimizer = resolveItem('optimizer', optimizers, raw.optimizer, ['optimizer']);
  const schedule = resolveItem('schedule', schedules, raw.schedule, ['schedule']);
  const architecture = raw.model
    ? { model: resolveModel(raw.model) }
    : { network: resolveLayers(raw.network as LayerSpec[], ['network']) };
  return {
    fuga: 1,
    name: raw.name ?? 'unnamed',
    seed: raw.seed,
    data,
    ...architecture,
    loss,
    optimizer: optimizer as RunSpec['optimizer'],
    ...(raw.clip ? { clip: raw.clip as NonNullable<RunSpec['clip']> } : {}),
    schedule,
    steps: raw.steps,
  };
}

/** The layers of a resolved spec: its network, or what its model spells out for this data. */
export function networkOf(spec: RunSpec, given: DataShape): readonly LayerSpec[] {
  if (spec.network) return spec.network;
  const data = dataSeen(spec, given);
  const { type, ...options } = spec.model!;
  const family = pick('model', models, type, ['model', 'type']);
  const spelled = within(['model'], () => family.layers(options as never, data));
  return resolveLayers(spelled, ['model']);
}

/** The data as the spec's loss sees it: class ids as numbers, one output for two classes. */
export function dataSeen(spec: RunSpec, data: DataShape): DataShape {
  return within(['loss'], () => readLoss(losses, spec.loss).sees?.(data) ?? data);
}

/** What the named source gives, before anything is loaded. */
export function describeData(data: DataSpec): DataShape {
  const { source, options } = splitData(data);
  return source.describe(options as never);
}

/** The source on the shelf, and its own options. */
export function splitData(data: DataSpec): { source: Dataset; options: Record<string, unknown> } {
  const { source, batch: _batch, scale: _scale, ...options } = data;
  return { source: pick('data source', datasets, source, ['data', 'source']), options };
}

/** Options that every source takes. */
const dataOptions = {
  source: v.string(),
  batch: optional(count(1, 1e6), 64),
  scale: optional(v.picklist(['standard', 'none']), 'standard'),
};

function resolveData(input: string | Record<string, unknown>, given: GivenData | undefined): DataSpec {
  const raw: Record<string, unknown> = typeof input === 'string' ? { source: input } : input;
  if (given) return parse(v.looseObject(dataOptions), { source: 'file', ...raw }, ['data']) as DataSpec;
  const { source } = raw;
  if (typeof source !== 'string') {
    const known = Object.keys(datasets).join(', ');
    throw new EngineError('SPEC', `expected the name of a data source; known: ${known}`, ['data', 'source']);
  }
  const item = pick('data source', datasets, source, ['data', 'source']);
  return parseOptions({ ...dataOptions, ...item.options }, raw, ['data']) as DataSpec;
}

function resolveLoss(
  raw: string | { readonly type?: string | undefined } | undefined,
  shape: DataShape,
): LossSpec {
  const spec: LossSpec = typeof raw === 'string' ? raw : { ...raw, type: raw?.type ?? defaultLoss(shape) };
  readLoss(losses, spec, ['loss']);
  return shortestLoss(losses, spec);
}

/** The usual loss for data of this kind. */
export function defaultLoss(shape: DataShape): string {
  const all = Object.values(losses);
  const fitting =
    all.find(({ defaultFor }) => defaultFor?.includes(shape.task)) ??
    all.find(({ tasks }) => tasks.includes(shape.task));
  if (!fitting) throw new EngineError('SPEC', `no loss fits ${shape.task}; name one`, ['loss']);
  return fitting.id;
}

function resolveModel(raw: { type: string; [option: string]: unknown }): NonNullable<RunSpec['model']> {
  const { type, ...options } = raw;
  const item = pick('model', models, type, ['model', 'type']);
  const parsed = parseOptions(item.options, options, ['model']);
  return { type, ...within(['model'], () => item.complete?.(parsed as never) ?? parsed) };
}

/** Checks a list of layers, bodies included, and fills in every default. */
export function resolveLayers(specs: readonly LayerSpec[], path: readonly PathStep[]): LayerSpec[] {
  return specs.map((spec, i) => resolveLayer(spec, [...path, i]));
}

const common = {
  id: v.optional(v.string()),
  inputs: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  repeat: v.optional(count(1, 100_000)),
};

function resolveLayer(spec: LayerSpec, path: readonly PathStep[]): LayerSpec {
  const item: Layer = pick('layer', layers, spec.type, [...path, 'type']);
  const { type, ...options } = spec;
  const parsed = parseOptions({ ...common, ...item.options }, options, path) as Parsed<Options>;
  const complete = within(path, () => item.complete?.(parsed) ?? parsed) as Record<string, unknown>;
  for (const body of item.bodies ?? []) {
    complete[body] = resolveLayers(complete[body] as LayerSpec[], [...path, body]);
  }
  return { type, ...complete };
}

interface Item<E extends Options = Options> {
  readonly options: E;
  complete?(options: Parsed<E>): Parsed<E>;
}

/** `{ type, …options }` or just the type, its options checked by the shelf's item. */
function resolveItem(
  kind: string,
  shelf: Readonly<Record<string, Item>>,
  input: string | { type: string },
  path: readonly PathStep[],
): { readonly type: string; readonly [option: string]: unknown } {
  const { type, ...options } = typeof input === 'string' ? { type: input } : input;
  const item = pick(kind, shelf, type, [...path, 'type']);
  const parsed = parseOptions(item.options, options, path);
  return { type, ...within(path, () => item.complete?.(parsed as never) ?? parsed) };
}

/** The item called `name`, or an error with the nearest name. */
export function pick<T>(
  kind: string,
  shelf: Readonly<Record<string, T>>,
  name: string,
  path: readonly PathStep[],
): T {
  const item = Object.hasOwn(shelf, name) ? shelf[name] : undefined;
  if (item === undefined) throw new EngineError('SPEC', unknownName(kind, name, Object.keys(shelf)), path);
  return item;
}

/** Runs `action`; an error without a place, or with one relative to `path`, gets `path` in front. */
function within<T>(path: readonly PathStep[], action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof EngineError)
      throw new EngineError(error.code, error.reason, [...path, ...error.path]);
    throw error;
  }
}
