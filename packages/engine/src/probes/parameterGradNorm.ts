import { type Probe } from './probe.js';

/** norm of ∂L/∂w. */
export const parameterGradNorm: Probe = {
  id: 'parameterGradNorm',
  title: 'norm of ∂L/∂w',
  unit: 'loss per unit of weight',
  scale: 'log',
  read: ({ parameters }) => (parameters.count === 0 ? NaN : parameters.gradNorm),
};
