import type { LossSpec } from '@fuga/engine';
import type { MenuItem, SpecInput } from '../worker/protocol.js';

type Part = Readonly<Record<string, unknown>>;

/** A spec as it is written, read leniently and edited part by part: every edit gives a new spec. */
export class Draft {
  readonly spec: SpecInput;

  constructor(spec: SpecInput) {
    this.spec = spec;
  }

  /** A part that is a mapping or, in short form, a name: `optimizer: sgd` is `{ type: sgd }`. */
  part(name: string): Part {
    const value = this.spec[name];
    if (typeof value === 'string') return { [name === 'data' ? 'source' : 'type']: value };
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : {};
  }

  get source(): string {
    return text(this.part('data')['source'], '');
  }

  get batch(): number {
    return numberOr(this.part('data')['batch'], 64);
  }

  get learningRate(): number {
    return numberOr(this.part('optimizer')['lr'], 0.1);
  }

  /** The norm to clip at, as text; empty where nothing is clipped. */
  get clip(): string {
    const norm = this.part('clip')['norm'];
    return typeof norm === 'number' ? String(norm) : '';
  }

  typeOf(name: string, fallback: string): string {
    return text(this.part(name)['type'], fallback);
  }

  number(name: string, fallback: number): number {
    return numberOr(this.spec[name], fallback);
  }

  /** With `name` replaced; undefined takes it out. */
  with(name: string, value: unknown): SpecInput {
    const { [name]: _old, ...rest } = this.spec;
    return value === undefined ? rest : { ...this.spec, [name]: value };
  }

  withPart(name: string, part: Part): SpecInput {
    return this.with(name, part);
  }

  withOption(name: string, option: string, value: unknown): SpecInput {
    const { [option]: _old, ...rest } = this.part(name);
    return this.with(name, value === undefined ? rest : { ...this.part(name), [option]: value });
  }

  /** Another family, with those options of the present one that it knows as well. */
  withModel(model: MenuItem): SpecInput {
    const known = new Set(model.fields.map(({ name }) => name));
    const kept = Object.entries(this.part('model')).filter(([name]) => known.has(name));
    const { network: _network, ...rest } = this.spec;
    return { ...rest, model: { type: model.id, ...Object.fromEntries(kept) } };
  }
}

/** The name of a resolved spec's loss. */
export function lossName(loss: LossSpec): string {
  return typeof loss === 'string' ? loss : loss.type;
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}
