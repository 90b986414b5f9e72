import { constantFill } from '../../core/parameters.js';
import * as inits from '../../inits/index.js';
import { fillBy, type InitSpec } from '../../inits/init.js';
import type { FillParameter } from './context.js';

/** The numbers that the file holds. */
export const fillFromFile: FillParameter = ({ data }) => {
  const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
  return ({ arena, address }) => arena.write(address, numbers);
};

/** What training from scratch would start from: weights by an init, 1 for norms' scales, 0 for shifts. */
export function fillAnew(init: InitSpec): FillParameter {
  return (_, role) => {
    if (role === 'scale') return constantFill(1);
    if (role === 'shift') return constantFill(0);
    return fillBy(inits, init);
  };
}
