import { heNormal } from './heNormal.js';
import type { Init } from './init.js';

/**
 * He's normal init, made small in the branches of residuals: with L branches of m weights each, a branch's weights are
 * scaled by L^(−1 / (2m − 2)), its last one is 0, and so is the network's last one.
 */
export const fixup: Init = {
  id: 'fixup',
  about: {
    does: 'Lets residual networks train without norms: each branch starts at 0 and moves by O(1 / L) a step.',
    formula: 'in a branch: W ~ He · L^(−1 / (2m − 2)), last W = 0; last layer of the network 0; elsewhere He',
    gradient: 'At the start all of it goes through the skips; the branches open as their last weights grow.',
    source: 'Zhang et al. 2019, arXiv:1901.09321, §3.2 (without its scalar biases and multipliers)',
  },
  std: heNormal.std,
  isWhole: true,
  fill: (canvas, gain) => {
    const { arena, address, size, branch, isLast } = canvas;
    const closes = branch ? branch.index === branch.weights - 1 : isLast && canvas.branches > 0;
    if (closes) {
      arena.kernels.fill(size, address, 0);
      return;
    }
    // Branches of one weight never come here, so the exponent is finite.
    const scale = branch ? arena.kernels.mathPow(canvas.branches, -1 / (2 * branch.weights - 2)) : 1;
    heNormal.fill(canvas, gain * scale);
  },
};
