import { constantFill, type Fill } from '../../core/parameters.js';
import * as inits from '../../inits/index.js';
import { fillBy } from '../../inits/init.js';
import type { FillParameter } from './context.js';

/** The numbers that the file holds. */
export const fillFromFile: FillParameter = ({ data }) => {
  const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
  return ({ arena, address }) => arena.write(address, numbers);
};

/** What training from scratch would start from: He's init for weights, 1 for norms' scales, 0 for shifts. */
export const fillAnew: FillParameter = (_, role): Fill => {
  if (role === 'scale') return constantFill(1);
  if (role === 'shift') return constantFill(0);
  return fillBy(inits, 'heNormal');
};
