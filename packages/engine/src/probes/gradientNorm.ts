import { type Probe } from './probe.js';

/** norm of ∂L/∂a. */
export const gradientNorm: Probe = {
  id: 'gradientNorm',
  title: 'norm of ∂L/∂a',
  unit: 'loss per unit of activation',
  scale: 'log',
  read: ({ gradient }) => Math.sqrt(gradient.sumSquares),
};
