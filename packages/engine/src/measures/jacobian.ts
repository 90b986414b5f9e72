import { EngineError } from '../core/errors.js';
import { count, optional } from '../core/options.js';
import { singularValues } from './eigenvalues.js';
import { measure } from './measure.js';
import { withSensitivity } from './sensitivity.js';

/** Outputs beyond which every row would take too long. */
const MOST_OUTPUTS = 1024;
/** Rows of the Jacobian that one backward gives: the same sample so many times, each with its own output. */
const ROWS = 32;

/** Singular values of the Jacobian of the network's output with respect to its input, sample by sample. */
export const jacobian = measure({
  id: 'jacobian',
  about: {
    does: 'Singular values of the input-output Jacobian: what a small change of the input becomes at the output, and the gradient at the input.',
    formula: 'J = ∂y/∂x; row i is eᵢᵀ J, one backward pass from the i-th output',
    gradient:
      'All near 1 (dynamical isometry): gradients keep their size in every direction. All near 0: they vanish; a few large ones: they explode in those directions.',
    source: 'Saxe et al. 2013, arXiv:1312.6120; Pennington et al. 2017, arXiv:1711.04735',
  },
  options: { samples: optional(count(1, 1000), 4) },
  take: (run, { samples }) =>
    withSensitivity(run, ROWS, (sensitivity) => {
      const { input, output } = sensitivity.sizes;
      if (output > MOST_OUTPUTS) {
        throw new EngineError(
          'SPEC',
          `the Jacobian has ${output} rows, one backward pass each; at most ${MOST_OUTPUTS} are taken`,
        );
      }
      const spectra: number[][] = [];
      for (const row of run.samples.test.slice(0, samples)) {
        sensitivity.load(Int32Array.of(row), true);
        sensitivity.forward();
        const rows = new Float32Array(output * input);
        for (let start = 0; start < output; start += ROWS) {
          const taken = Math.min(ROWS, output - start);
          const direction = new Float32Array(ROWS * output);
          for (let i = 0; i < taken; i++) direction[i * output + start + i] = 1;
          rows.set(sensitivity.backward(direction).subarray(0, taken * input), start * input);
        }
        spectra.push(singularValues(rows, output, input));
      }
      const mean = spectra[0]!.map(
        (_, i) => spectra.reduce((sum, values) => sum + values[i]!, 0) / spectra.length,
      );
      const squares = mean.map(
        (_, i) => spectra.reduce((sum, values) => sum + values[i]! ** 2, 0) / spectra.length,
      );
      return {
        numbers: {
          largest: mean[0]!,
          smallest: mean.at(-1)!,
          rms: Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length),
        },
        series: { singularValues: mean },
      };
    }),
});
