import { EngineError, nearestName } from '../core/errors.js';
import { sameShape, showShape, sizeOf } from '../core/shape.js';
import { floatsOf, writeSafetensors, type SafeTensors } from '../formats/safetensors.js';
import type { Run } from './run.js';

/** What became of a file's tensors. */
export interface LoadedWeights {
  /** Parameters and running statistics that were set. */
  readonly loaded: readonly string[];
  /** Those that the file does not have: they keep what they were drawn as. */
  readonly missing: readonly string[];
  /** Tensors of the file that no parameter wanted. */
  readonly unused: readonly string[];
}

/**
 * Puts the weights of a `.safetensors` file into a run, by name; where no name fits at all, in order, if every shape
 * does (a file written by another program of the same network).
 *
 * Errors: `DATA` where a tensor has another shape than its parameter, or nothing fits.
 */
export function loadWeights(run: Run, { tensors }: SafeTensors): LoadedWeights {
  const names = Object.keys(tensors);
  const wanted = run.parameters.all;
  const byName = wanted.filter(({ path }) => Object.hasOwn(tensors, path));
  if (byName.length === 0) return inOrder(run, tensors, names);
  for (const { path, tensor } of byName) put(run, path, tensor.shape, tensor.data, tensors, path);
  const loaded = byName.map(({ path }) => path);
  return {
    loaded,
    missing: wanted.map(({ path }) => path).filter((path) => !loaded.includes(path)),
    unused: names.filter((name) => !loaded.includes(name)),
  };
}

function inOrder(run: Run, tensors: SafeTensors['tensors'], names: readonly string[]): LoadedWeights {
  const { trained } = run.parameters;
  const fits =
    names.length === trained.length &&
    trained.every(({ tensor }, i) => sameShape(tensor.shape, tensors[names[i]!]!.shape));
  if (!fits) {
    const [first] = trained;
    const near = first ? nearestName(first.path, names) : null;
    throw new EngineError(
      'DATA',
      `no tensor of the file has the name of a parameter; the network's are ${trained
        .slice(0, 3)
        .map(({ path }) => path)
        .join(
          ', ',
        )}, …, the file's ${names.slice(0, 3).join(', ')}, …${near ? ` (is ${near} meant for ${first!.path}?)` : ''}`,
    );
  }
  trained.forEach(({ path, tensor }, i) => put(run, path, tensor.shape, tensor.data, tensors, names[i]!));
  return { loaded: trained.map(({ path }) => path), missing: [], unused: [] };
}

function put(
  run: Run,
  path: string,
  shape: readonly number[],
  address: number,
  tensors: SafeTensors['tensors'],
  name: string,
): void {
  const tensor = tensors[name]!;
  if (!sameShape(shape, tensor.shape)) {
    throw new EngineError(
      'DATA',
      `the parameter ${path} is ${showShape(shape)}, the file's ${name} ${showShape(tensor.shape)}`,
    );
  }
  run.arena.write(address, Float32Array.from(floatsOf(tensor)));
}

/** A run's parameters and kept states (running means) as a `.safetensors` file, each by its path. */
export function saveWeights({ arena, parameters, spec, trace }: Run): Uint8Array<ArrayBuffer> {
  return writeSafetensors(
    parameters.all.map(({ path, tensor }) => ({
      name: path,
      shape: tensor.shape,
      values: arena.read(tensor.data, sizeOf(tensor.shape)),
    })),
    { format: 'fuga', name: spec.name, seed: String(spec.seed), steps: String(trace.steps) },
  );
}
