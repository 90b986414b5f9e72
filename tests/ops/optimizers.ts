import { clipByNorm, clipByValue, normOf } from '../../packages/engine/src/run/clip.js';
import * as shelf from '../../packages/engine/src/optimizers/index.js';
import type { Optimizer } from '../../packages/engine/src/optimizers/optimizer.js';
import { parseOptions } from '../../packages/engine/src/core/options.js';
import type { Attributes, Mapping } from './mapping.js';

/** Steps a parameter through the case's gradients; after each step its values are `y_p1`, `y_p2`, … */
export function stepping(id: string, options: (attributes: Attributes) => Record<string, unknown>): Mapping {
  return {
    direct: (tensors, attributes, arena) => {
      const optimizer = (shelf as unknown as Record<string, Optimizer>)[id];
      if (!optimizer) throw new Error(`no optimizer ${id} on the shelf`);
      const parsed = parseOptions(optimizer.options, options(attributes), []) as never;
      const start = tensors['p']!.data as Float32Array;
      const size = start.length;
      const take = () => {
        const address = arena.alloc(4 * size);
        arena.kernels.fill(size, address, 0);
        return address;
      };
      const [value, grad] = [take(), take()];
      const buffers = Array.from({ length: optimizer.buffers(parsed) }, take);
      arena.write(value, start);
      const update = optimizer.prepare(arena.kernels, { size, value, grad, buffers }, parsed);
      const results: Record<string, Float32Array> = {};
      for (let step = 1; tensors[`grad${step - 1}`]; step++) {
        arena.write(grad, tensors[`grad${step - 1}`]!.data);
        update(attributes['lr'] as number, step);
        results[`p${step}`] = arena.read(value, size);
      }
      return results;
    },
  };
}

const adamOptions = ({
  lr,
  betas,
  eps,
  weight_decay: weightDecay,
  amsgrad,
  momentum_decay: momentumDecay,
  decoupled_weight_decay: decoupled,
}: Attributes): Record<string, unknown> => {
  const [beta1, beta2] = (betas as [number, number] | undefined) ?? [];
  return defined({ lr, beta1, beta2, eps, weightDecay, amsgrad, momentumDecay, decoupled });
};

/** Without the options that the case leaves to the default. */
export function defined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  );
}

export const optimizers: Record<string, Mapping> = {
  optim_sgd: stepping('sgd', ({ lr, momentum, dampening, nesterov, weight_decay: weightDecay }) =>
    defined({ lr, momentum, dampening, nesterov, weightDecay }),
  ),
  optim_adam: stepping('adam', adamOptions),
  optim_adamw: stepping('adamW', adamOptions),
  optim_rmsprop: stepping('rmsprop', ({ lr, alpha, eps, weight_decay: weightDecay, momentum, centered }) =>
    defined({ lr, alpha, eps, weightDecay, momentum, centered }),
  ),
  optim_adagrad: stepping('adagrad', ({ lr, lr_decay: lrDecay, eps, weight_decay: weightDecay }) =>
    defined({ lr, lrDecay, eps, weightDecay }),
  ),
  optim_adadelta: stepping('adadelta', ({ lr, rho, eps, weight_decay: weightDecay }) =>
    defined({ lr, rho, eps, weightDecay }),
  ),
  optim_adamax: stepping('adamax', adamOptions),
  optim_nadam: stepping('nadam', adamOptions),
  optim_radam: stepping('radam', adamOptions),
  clip_grad: {
    direct: (tensors, attributes, arena) => {
      const { kernels } = arena;
      const grads = Object.keys(tensors)
        .filter((name) => /^g\d+$/.test(name))
        .map((name) => {
          const { data } = tensors[name]!;
          const address = arena.alloc(4 * data.length);
          arena.write(address, data as Float32Array);
          return { name, size: data.length, grad: address };
        });
      const places = grads.map(({ size, grad }) => ({ size, grad }));
      const results: Record<string, ArrayLike<number>> = {};
      if (attributes['kind'] === 'value') clipByValue(kernels, places, attributes['max'] as number);
      else
        results['total_norm'] = [
          clipByNorm(
            kernels,
            places,
            attributes['max'] as number,
            normOf(
              arena,
              places,
              Number(attributes['norm_type'] === 'inf' ? Infinity : attributes['norm_type']) as 1 | 2,
            ),
          ),
        ];
      for (const { name, size, grad } of grads) results[name] = arena.read(grad, size);
      return results;
    },
  },
};
