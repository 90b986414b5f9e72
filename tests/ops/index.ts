// Which engine op each golden case is held against; one file a family.
import { activations } from './activations.js';
import { attention } from './attention.js';
import { conv } from './conv.js';
import { dense } from './dense.js';
import { embedding } from './embedding.js';
import { losses } from './losses.js';
import { norm } from './norm.js';
import { pool } from './pool.js';
import type { Mapping } from './mapping.js';
import { optimizers } from './optimizers.js';
import { recurrent } from './recurrent.js';
import { tensor } from './tensor.js';

export const mappings: Readonly<Record<string, Mapping>> = {
  ...activations,
  ...attention,
  ...conv,
  ...dense,
  ...embedding,
  ...losses,
  ...norm,
  ...pool,
  ...optimizers,
  ...recurrent,
  ...tensor,
};
