// The shelf of chapters, in the order of the tour: file name = export name = id.
import type { Chapter } from '../chapter.js';
import { attention } from './attention.js';
import { boxesAndWords } from './boxesAndWords.js';
import { chainRule } from './chainRule.js';
import { deadUnits } from './deadUnits.js';
import { explosion } from './explosion.js';
import { firstWeights } from './firstWeights.js';
import { gates } from './gates.js';
import { norms } from './norms.js';
import { rectifier } from './rectifier.js';
import { shortcuts } from './shortcuts.js';
import { slices } from './slices.js';
import { throughTime } from './throughTime.js';

export const chapters: readonly Chapter[] = [
  chainRule,
  firstWeights,
  rectifier,
  deadUnits,
  explosion,
  norms,
  shortcuts,
  throughTime,
  gates,
  attention,
  slices,
  boxesAndWords,
];
