// What can be measured anywhere, in Node and in a browser alike.
import { benchFunctions } from './functions.mjs';
import { benchGemm } from './gemm.mjs';
import { benchNetworks } from './networks.mjs';
import { benchScaling } from './scaling.mjs';
import { workloads } from './workloads.mjs';

/** The groups that `only` names, or some network of. */
export function groups(only) {
  const all = only.test('networks');
  const some = all || Object.keys(workloads).some((name) => only.test(name));
  return [
    ...(only.test('gemm') ? [benchGemm] : []),
    ...(only.test('functions') ? [benchFunctions] : []),
    ...(some ? [(bench) => benchNetworks({ ...bench, only: all ? /./ : only })] : []),
    ...(only.test('scaling') ? [benchScaling] : []),
  ];
}
