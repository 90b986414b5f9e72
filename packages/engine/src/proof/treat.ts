import type { DataShape } from '../datasets/dataset.js';
import type { Finding } from '../diagnoses/report.js';
import type { RemedyId } from '../diagnoses/words/words.js';
import { EngineError } from '../core/errors.js';
import { recordNetwork } from '../run/run.js';
import { describeData, resolveSpec, type RunSpec } from '../run/spec.js';
import * as shelf from '../remedies/index.js';
import { isRefusal, type Refusal, type Remedy } from '../remedies/remedy.js';

const remedies: Readonly<Record<string, Remedy>> = shelf;

/** The spec treated with remedies, one after the other, checked and resolved; or why that cannot be. */
export function treat(
  spec: RunSpec,
  ids: readonly RemedyId[],
  options: { readonly data?: DataShape; readonly findings?: readonly Finding[] } = {},
): RunSpec | Refusal {
  const data = options.data ?? describeData(spec.data);
  let treated = spec;
  for (const id of ids) {
    const remedy = remedies[id];
    if (!remedy)
      throw new EngineError('SPEC', `no remedy "${id}"; known: ${Object.keys(remedies).join(', ')}`);
    const finding = options.findings?.find(({ remedies: named }) => named.includes(id));
    const result = remedy.apply(treated, { data, ...(finding ? { finding } : {}) });
    if (isRefusal(result)) return result;
    try {
      treated = resolveSpec(result, options.data);
      recordNetwork(treated, data, 'train');
    } catch (error) {
      if (error instanceof EngineError) return { reason: 'cannotBuild', names: { error: error.message } };
      throw error;
    }
  }
  return treated;
}

/** How much a list of remedies changes: more remedies, and deeper changes, weigh more. */
export function effortOf(ids: readonly RemedyId[]): number {
  return ids.reduce((sum, id) => sum + (remedies[id]?.effort ?? 1), 0) + 4 * (ids.length - 1);
}
