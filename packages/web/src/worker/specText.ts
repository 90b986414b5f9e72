import { parseSpec, SpecSyntaxError } from '@fuga/engine';
import type { SpecInput } from './protocol.js';

/** A spec as it is written. Errors: `SpecSyntaxError` where the text is none, or no mapping. */
export function readSpecText(text: string): SpecInput {
  const spec = parseSpec(text);
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    const place = { line: 1, column: 1, length: 1 };
    throw new SpecSyntaxError('expected a mapping with the keys fuga, data, network …', place);
  }
  return spec as SpecInput;
}
