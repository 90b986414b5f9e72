import type { Mapping } from './mapping.js';

/** Golden losses; the shelf's losses are means, so reductions other than `mean` follow from them (see the harness). */
export const losses: Record<string, Mapping> = {};
