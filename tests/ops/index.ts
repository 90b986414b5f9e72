// Which engine op each golden case is held against; one file a family.
import { activations } from './activations.js';
import { conv } from './conv.js';
import { dense } from './dense.js';
import { losses } from './losses.js';
import type { Mapping } from './mapping.js';
import { optimizers } from './optimizers.js';

export const mappings: Readonly<Record<string, Mapping>> = {
  ...activations,
  ...conv,
  ...dense,
  ...losses,
  ...optimizers,
};
