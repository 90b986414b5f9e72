import type { Given } from '../take/brought.js';
import type { SpecInput } from '../worker/protocol.js';

/** A spec and what it needs beside itself: what is edited, and what undo goes back to. */
export interface Subject {
  readonly spec: SpecInput;
  readonly given: Given | null;
}

/** Another spec in its place. What was given stays, while it is still of this network. */
export function edited({ spec, given }: Subject, next: SpecInput): Subject {
  if (sameNetwork(next, spec)) return { spec: next, given };
  return { spec: next, given: given?.network ? { ...given, weights: null } : null };
}

/** The same with weights that are drawn anew. */
export function withoutWeights({ spec, given }: Subject): Subject {
  return { spec, given: given?.network ? { ...given, id: -Date.now(), weights: null } : null };
}

/** Whether two specs have the same layers, so that the weights of one fit the other. */
function sameNetwork(a: SpecInput, b: SpecInput): boolean {
  const network = ({ model, network: layers }: SpecInput) => JSON.stringify([model, layers]);
  return network(a) === network(b);
}
