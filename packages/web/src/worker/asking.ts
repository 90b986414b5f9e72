import { answerOf, expectNext, mapsOf, writeOn, type Run } from '@fuga/engine';
import { pauseFor } from './pause.js';
import type { Question, Refusal, Reply, Writing, Written } from './protocol.js';
import { refusal } from './refusal.js';

/** Longest that writing goes on before training and messages have their turn. */
const SLICE_MS = 8;

/** Puts questions to the network of a run: about a sample, or how a text goes on. Loaded with the first question. */
export class Asking {
  readonly #run: Run;
  #writings = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  reply({ sample, site }: Question): Reply {
    return { ...answerOf(this.#run, sample, site), offers: mapsOf(this.#run) };
  }

  /** Writes a text in small pieces, training going on in between; null where another writing was begun meanwhile. */
  async write(options: Writing): Promise<Written | Refusal | null> {
    const ticket = ++this.#writings;
    const step = this.#run.trace.steps;
    try {
      const next = expectNext(this.#run, options);
      let text = '';
      let start = performance.now();
      for (const character of writeOn(this.#run, options)) {
        text += character;
        if (performance.now() - start < SLICE_MS) continue;
        await pauseFor(0);
        if (ticket !== this.#writings) return null;
        start = performance.now();
      }
      return { ok: true, text, next, step };
    } catch (error) {
      return refusal(error);
    }
  }
}
