// The bench inside a browser: bundled and opened by browser.mjs.
import * as engine from '@fuga/engine';
import { loadKernels } from '@fuga/core-wasm';
import { groups } from './groups.mjs';

globalThis.bench = async ({ only, variants, repeats }) => {
  const records = [];
  for (const group of groups(new RegExp(only))) {
    records.push(...(await group({ engine, loadKernels, variants, repeats })));
  }
  return records;
};
