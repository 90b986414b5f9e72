// What each ONNX op becomes; one file a family. An op is supported where it is here, in views (args.ts) or, for
// numbers that are known before the run, in fold.ts.
import type { Recorder } from '../context.js';
import { activationNodes } from './activation.js';
import { arithmeticNodes } from './arithmetic.js';
import { arrangementNodes } from './arrangement.js';
import { convolutionNodes } from './convolution.js';
import { linearNodes } from './linear.js';
import { normalizationNodes } from './normalization.js';
import { recurrentNodes } from './recurrent.js';

export const nodes: Readonly<Record<string, Recorder>> = {
  ...activationNodes,
  ...arithmeticNodes,
  ...arrangementNodes,
  ...convolutionNodes,
  ...linearNodes,
  ...normalizationNodes,
  ...recurrentNodes,
};
