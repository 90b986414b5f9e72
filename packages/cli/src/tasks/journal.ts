import type { DiagnosisReport, Run, TraceRecord } from '@fuga/engine';
import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFailure } from '../failure.js';
import { toJson } from '../sweep/numbers.js';

/** The journal of one run: a line an event, written as it happens, so that a crash loses no line before it. */
export class RunJournal {
  readonly #path: string;
  readonly #file: number;
  readonly #start = performance.now();

  constructor(path: string, { spec, variant, trace }: Run) {
    this.#path = path;
    this.#file = this.#try(() => openSync(path, 'w'));
    this.#write({
      event: 'start',
      format: 'fuga-run-1',
      name: spec.name,
      seed: spec.seed,
      steps: spec.steps,
      kernels: variant,
      parameters: trace.parameters,
      sites: trace.sites.length,
    });
  }

  step({ step, loss, lr, gradNorm }: TraceRecord): void {
    this.#write({ event: 'step', step, loss, lr, gradNorm });
  }

  score(step: number, metric: string, value: number): void {
    this.#write({ event: 'score', step, metric, value });
  }

  end(
    reason: 'done' | 'interrupted' | 'nonFinite',
    score: { readonly metric: number; readonly loss: number } | null,
    { verdict, findings }: DiagnosisReport,
  ): void {
    const ms = Math.round(performance.now() - this.#start);
    this.#write({ event: 'end', reason, ms, ...(score ?? {}), verdict, findings });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(event: object): void {
    this.#try(() => writeSync(this.#file, `${toJson(event)}\n`));
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new Error(writeFailure(this.#path, error).message, { cause: error });
    }
  }
}
