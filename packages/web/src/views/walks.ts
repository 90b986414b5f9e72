import { insideWords } from './inside.words.js';

const roles = ['accent', 'forward', 'muted'] as const;

/** Curves of the gradient on its way back through time, one for each of a cell's states. */
export function walkCurves(states: Readonly<Record<string, ArrayLike<number>>>) {
  return Object.entries(states).map(([name, values], i) => ({
    name: insideWords().walks[name] ?? name,
    values,
    role: roles[i % roles.length]!,
    ...(i % 2 === 1 ? { dash: [6, 4] } : {}),
  }));
}
