import type { Facts } from './words.js';

/**
 * What findings say, in English. Each message tells what is wrong and where; the reason tells why, with the factors;
 * the advice tells what to change.
 */
export const findings = {
  vanishing: {
    title: 'Vanishing gradient',
    message: (f: Facts) =>
      f.has('time')
        ? `The gradient of the first of ${f.count('steps')} steps of ${f.name('site')} is ${f.fold('decades')} times weaker than that of the last: what happened early is not learnt from.`
        : `The gradient at ${f.name('site')} is ${f.fold('decades')} times weaker than at the output, so the ${f.value('starved') > 1 ? `${f.count('starved')} layers` : 'layer'} there hardly learn${f.value('starved') > 1 ? '' : 's'}.`,
    advice: (f: Facts) =>
      f.has('time')
        ? f.name('cell') === 'rnn'
          ? 'Use LSTM or GRU cells, or orthogonal recurrent weights.'
          : 'Open the forget gates (a bias of ln T), or shorten the sequence.'
        : f.has('flat')
          ? `Replace ${f.name('activation')} by an activation whose slope can be 1 (ReLU with He's init, GELU), or let the gradient pass by: residual connections, normalisation.`
          : 'Choose the init that suits the activation, normalise between layers, or add residual connections; a smaller depth helps too.',
    reasons: {
      flatActivation: (f: Facts) =>
        `The slope of ${f.name('activation')} is at most ${f.number('maxSlope')}; each layer multiplies the gradient by ${f.number('perLayer')} (weights ${f.number('weights')} × slope ${f.number('slope')}), and ${f.count('layers')} layers by ${f.shrunk('decadesSize')}.`,
      smallWeights: (f: Facts) =>
        `The weights are too small for ${f.name('activation')}: a layer multiplies the gradient by ${f.number('weights')} × slope ${f.number('slope')} = ${f.number('perLayer')} where 1 would keep it; over ${f.count('layers')} layers that is ${f.shrunk('decadesSize')}.`,
      saturated: (f: Facts) =>
        `The units of ${f.name('activation')} sit in their flat parts: the slope passes on only ${f.number('slope')} of the gradient (weights ${f.number('weights')}).`,
      normalization: (f: Facts) =>
        `The normalisation layers divide the gradient more than the weights make up for: ${f.number('perLayer')} a layer.`,
      skip: (f: Facts) =>
        `The skip connections do not pass the gradient on: a block multiplies it by ${f.number('perLayer')}.`,
      recurrence: (f: Facts) =>
        `Backpropagation through time loses the gradient: each step of ${f.name('site')} multiplies it by ${f.number('perStep')}, and ${f.count('steps')} steps by ${f.shrunk('timeDecades')}.`,
      narrow: (f: Facts) =>
        `The layers are too narrow for their number: with ${f.count('width')} units and ${f.count('layers')} layers, chance alone costs about ${f.number('chanceDecades')} decades (variance of ln |gradient|²: 5 · depth / width).`,
      padding: (f: Facts) =>
        `The images have become so small that only ${f.percent('coverage')} of a kernel’s taps lie over the image, the others over zero padding: every layer loses a part of the signal and of the gradient.`,
      deadLayer: (f: Facts) =>
        `No gradient passes ${f.name('culprit')}: its weights are 0, or all of its units are off for every sample.`,
      training: (f: Facts) =>
        `The gradient was sound at the start (${f.power('initialDecades')} of the output's) and was lost in training.`,
    },
  },
  exploding: {
    title: 'Exploding gradient',
    message: (f: Facts) =>
      f.has('lossFold')
        ? `Training diverges: the loss rose to ${f.number('lossFold')} times its first value.`
        : f.has('time')
          ? `The gradient grows ${f.fold('decades')} times on its way back through the ${f.count('steps')} steps of ${f.name('site')}.`
          : f.value('forward') > f.value('decades')
            ? `The signal grows ${f.fold('forward')} times on its way from the input to ${f.name('last')}, and the gradient with it.`
            : `The gradient grows ${f.fold('decades')} times on its way back from the output to ${f.name('site')}.`,
    advice: (f: Facts) =>
      f.name('factor') === 'normalization'
        ? 'Add residual connections around the blocks, or replace the activation behind the norm by a smoother one (GELU, SELU).'
        : f.name('factor') === 'recurrence'
          ? 'Clip the gradient, use orthogonal recurrent weights, or LSTM or GRU cells.'
          : f.name('factor') === 'skip'
            ? 'Scale the branches of the residual blocks (1/√depth), zero their last layer (Fixup), or normalise; clip the gradient meanwhile.'
            : f.name('factor') === 'optimizer'
              ? 'Lower the learning rate tenfold, warm it up, or clip the gradient.'
              : 'Use weights of the scale that suits the activation, normalise between layers, or clip the gradient.',
    reasons: {
      largeWeights: (f: Facts) =>
        `The weights are too large: a layer multiplies the gradient by ${f.number('perLayer')} (weights ${f.number('weights')} × slope ${f.number('slope')}), where about 1 is sound; theory says χ = ${f.number('chi')} a layer for the squared gradient, and above 1 it grows with depth.`,
      skip: (f: Facts) =>
        `Each residual block adds its branch at full scale and multiplies the gradient by ${f.number('perLayer')}; ${f.count('layers')} blocks multiply it by ${f.fold('decades')}.`,
      normalization: (f: Facts) =>
        `Normalisation after each layer multiplies the gradient by ${f.number('perLayer')} (for ReLU and batch norm: √(π/(π−1)) = 1.21).`,
      recurrence: (f: Facts) =>
        `Backpropagation through time grows the gradient: each step of ${f.name('site')} multiplies it by ${f.number('perStep')} (spectral radius of the recurrent weights above 1).`,
      flatActivation: (f: Facts) => `The slope of ${f.name('activation')} exceeds 1.`,
      steps: (f: Facts) =>
        `At the start the network was sound; the steps are too large: the first update changed the weights by ${f.percent('firstUpdate')} of their size at a learning rate of ${f.number('lr')}.`,
    },
  },
  forwardDecay: {
    title: 'The signal dies on its way in',
    message: (f: Facts) =>
      `The signal shrinks ${f.fold('decades')} times from ${f.name('first')} to ${f.name('last')}: the output hardly depends on the input, and the gradient that comes back is as weak.`,
    advice: (f: Facts) =>
      f.name('activation') === 'relu' || f.name('activation') === 'leakyRelu'
        ? `Use He's init (variance 2 / fanIn) with ${f.name('activation')}, or normalise between layers.`
        : 'Use weights of variance about 1 / fanIn (LeCun, Xavier, orthogonal) or normalise between layers.',
    reasons: {
      smallWeights: (f: Facts) =>
        `The weights (${f.name('init')}) are too small for ${f.name('activation')}: a layer passes on ${f.number('perLayer')} of the signal where 1 would keep it.`,
      padding: (f: Facts) =>
        `The images have become so small that only ${f.percent('coverage')} of a kernel’s taps lie over the image, the others over zero padding: a layer passes on ${f.number('perLayer')} of the signal.`,
      activation: (f: Facts) =>
        `${f.name('activation')} shrinks the signal to ${f.number('perLayer')} a layer at this scale.`,
      narrow: (f: Facts) =>
        `The layers are too narrow for their number: with ${f.count('width')} units and ${f.count('layers')} layers, chance alone costs about ${f.number('chanceDecades')} decades.`,
      normalization: (f: Facts) => `The normalisation shrinks the signal to ${f.number('perLayer')} a layer.`,
      skip: (f: Facts) => `The blocks shrink the signal to ${f.number('perLayer')} each.`,
    },
  },
  saturation: {
    title: 'Saturated units',
    message: (f: Facts) =>
      `${f.percent('share')} of the outputs of ${f.name('site')} are in the flat part of ${f.name('activation')}, where the slope, and so the gradient, is almost 0.`,
    advice: (f: Facts) =>
      f.name('factor') === 'data'
        ? 'Scale the input to mean 0 and variance 1.'
        : f.name('factor') === 'optimizer'
          ? 'Lower the learning rate: the steps drove the units into their flat parts.'
          : 'Use smaller weights (Xavier, LeCun), normalise before the activation, or an activation without flat parts.',
    reasons: {
      input: (f: Facts) =>
        `The input's rms is ${f.number('inputRms')}: it drives the first layer into its flat parts.`,
      largeWeights: (f: Facts) =>
        `The weights are large: they multiply the scale of what comes in by ${f.number('weights')}, far beyond the part of ${f.name('activation')} that is not flat.`,
      training: (f: Facts) =>
        `At the start ${f.percent('initialShare')} were saturated; training at a learning rate of ${f.number('lr')} drove the others there.`,
    },
  },
  deadUnits: {
    title: 'Dead units',
    message: (f: Facts) =>
      `${f.percent('share')} of the units of ${f.name('site')} are off for every sample seen: they pass on nothing and get no gradient, so they stay dead.`,
    advice: (f: Facts) =>
      f.name('factor') === 'optimizer'
        ? 'Lower the learning rate, and use an activation that lets a little through below 0 (leaky ReLU, ELU, GELU).'
        : 'Use an activation that lets a little through below 0 (leaky ReLU, ELU, GELU), wider layers, or normalisation before the activation.',
    reasons: {
      born: (f: Facts) =>
        `They were dead from the start: with ${f.count('width')} units a layer and ${f.count('layers')} layers a ReLU network is likely born dead (probability of a dead layer for one input: 1 − (1 − 2^−width)^depth = ${f.number('bornDead')}).`,
      steps: (f: Facts) =>
        `They died in training: the first update changed the weights by ${f.percent('firstUpdate')} of their size (learning rate ${f.number('lr')}); one large step pushes a unit below 0 for good.`,
      input: (f: Facts) =>
        `The input's rms is ${f.number('inputRms')}: large inputs make large steps that push units below 0 for good.`,
      training: (f: Facts) => `They died in training; at the start ${f.percent('initialShare')} were off.`,
    },
  },
  nonFinite: {
    title: 'Numbers that are not finite',
    message: (f: Facts) =>
      f.has('broken')
        ? `The data has ${f.count('broken')} values that are NaN or infinite.`
        : `The loss is no longer a number from step ${f.count('step')} on${f.has('site') ? `; the first to overflow is ${f.name('site')}` : ''}.`,
    advice: (f: Facts) =>
      f.has('broken')
        ? 'Clean the data: drop or fill the rows that are not numbers.'
        : f.name('factor') === 'optimizer'
          ? 'Lower the learning rate tenfold, warm it up, or clip the gradient.'
          : 'Use weights of the scale that suits the activation, or normalise between layers.',
    reasons: {
      data: (f: Facts) =>
        `${f.count('broken')} inputs or targets are NaN or infinite, and every number computed from them is too.`,
      weights: () => 'The very first forward pass overflows: the network multiplies its input by too much.',
      steps: (f: Facts) =>
        `The steps are too large: the first update changed the weights by ${f.percent('firstUpdate')} of their size at a learning rate of ${f.number('lr')} (about 0.1 % is usual).`,
      growth: (f: Facts) =>
        `The gradient's norm rose to ${f.number('gradGrowth')} times its first value before the loss broke.`,
    },
  },
  symmetry: {
    title: 'Equal units that stay equal',
    message: (f: Facts) =>
      `${f.value('share') >= 0.995 ? 'All' : f.percent('share')} units of ${f.name('site')} have the same weights and get the same gradient: the layer works as a single unit, however wide it is.`,
    advice: () => 'Draw the weights at random (He, Xavier, orthogonal); only biases may start at a constant.',
    reasons: {
      init: (f: Facts) =>
        `The init (${f.name('init')}) gives every unit the same weights, and equal units get equal gradients.`,
      weights: () => 'The weights of the units are equal, and equal units get equal gradients.',
    },
  },
  learningRateTooHigh: {
    title: 'Learning rate too high',
    message: (f: Facts) =>
      f.has('broke')
        ? `The learning rate ${f.number('lr')} breaks a network that was sound at the start.`
        : `The loss went from ${f.number('first', 3)} to ${f.number('last', 3)}: the learning rate ${f.number('lr')} is too high.`,
    advice: (f: Facts) =>
      `Try a learning rate of about ${f.number('suggested', 1)}, a warmup, or gradient clipping.`,
    reasons: {
      update: (f: Facts) =>
        `The first update changed the weights by ${f.percent('firstUpdate')} of their size; about 0.1 % a step is usual, above 10 % the old weights are forgotten.`,
      divergence: (f: Facts) =>
        `Nothing else is wrong with the network, and the loss rises (largest update: ${f.percent('largestUpdate')} of the weights).`,
    },
  },
  learningRateTooLow: {
    title: 'Learning rate too low',
    message: (f: Facts) =>
      `After ${f.count('steps')} steps ${f.percent('progress')} of what could be learnt is learnt, though the gradient flows well: the learning rate ${f.number('lr')} is too low.`,
    advice: (f: Facts) => `Try a learning rate of about ${f.number('suggested', 1)}.`,
    reasons: {
      update: (f: Facts) =>
        `A step changes the weights by ${f.number('update')} of their size (10⁻³ is usual): at this pace it takes ${f.count('stepsNeeded')} steps to change them by as much as themselves.`,
    },
  },
  oscillation: {
    title: 'The loss oscillates',
    message: (f: Facts) =>
      `The loss bounces by ${f.percent('bounce')} from step to step instead of falling (between ${f.number('low', 3)} and ${f.number('high', 3)} in the last half).`,
    advice: (f: Facts) =>
      `Lower the learning rate to about ${f.number('suggested', 1)}, let it decay, or use larger batches.`,
    reasons: {
      steps: (f: Facts) =>
        `The steps overshoot: an update changes the weights by ${f.percent('update')} of their size (0.1 % is usual), and successive steps undo each other.`,
    },
  },
  unscaledInput: {
    title: 'Input not scaled',
    message: (f: Facts) =>
      f.has('spread')
        ? `The features differ in scale by a factor of ${f.number('spread')}: the large ones drown the small ones.`
        : f.value('inputRms') > 1
          ? `The input's rms is ${f.number('inputRms')} (mean ${f.number('inputMean')}, deviation ${f.number('inputDeviation')}), where about 1 is expected.`
          : `The input's rms is only ${f.number('inputRms')}, where about 1 is expected: the signal is weak from the start.`,
    advice: () => 'Scale each feature to mean 0 and variance 1 (`data.scale: standard`).',
    reasons: {
      large: (f: Facts) =>
        `Inits assume inputs of variance 1. Here the first layer's output, and the gradient of its weights, are ${f.number('inputRms')} times too large.`,
      small: (f: Facts) =>
        `Inits assume inputs of variance 1. Here the first layer's output is ${f.number('inverse')} times too small.`,
      spread: () =>
        'The loss is steep along the large features and flat along the small ones: no learning rate suits both.',
    },
  },
  lossMismatch: {
    title: 'Loss and output do not fit',
    message: (f: Facts) => `The loss ${f.name('loss')} does not fit what ${f.name('site')} gives out.`,
    advice: (f: Facts) =>
      f.has('activation')
        ? `Remove ${f.name('activation')} from the last layer${f.name('loss') === 'crossEntropy' ? ': the loss applies the softmax itself' : ''}.`
        : `Use a loss made for ${f.name('task')}.`,
    reasons: {
      squashedLogits: (f: Facts) =>
        `${f.name('loss')} expects unbounded logits, but ${f.name('activation')} keeps them within ${f.number('low')} … ${f.number('high')}: the loss cannot fall below ${f.number('floor', 3)}, and the flat parts stop the gradient.`,
      cutLogits: (f: Facts) =>
        `${f.name('loss')} expects unbounded logits, but ${f.name('activation')} cuts them off on one side: where it is flat, no gradient is left.`,
      unreachable: (f: Facts) =>
        `The targets lie between ${f.number('targetLow')} and ${f.number('targetHigh')}, but ${f.name('activation')} only reaches ${f.number('low')} … ${f.number('high')}.`,
    },
  },
  shattered: {
    title: 'Shattered gradients',
    message: (f: Facts) =>
      `The gradients of two samples have only ${f.number('common')} of themselves in common by the time they reach ${f.name('site')}: a step for one sample is noise to the others.`,
    advice: () => 'Add residual connections (with a scaled branch or normalisation), or reduce the depth.',
    reasons: {
      depth: (f: Facts) =>
        `Each layer keeps ${f.number('perLayer')} of what two samples' gradients have in common, and ${f.count('layers')} of them lie one after the other without a skip.`,
    },
  },
  rankCollapse: {
    title: 'All samples look alike',
    message: (f: Facts) =>
      `At ${f.name('site')} the samples differ by only ${f.percent('diversity')} of the signal: the network no longer tells its inputs apart.`,
    advice: () => 'Add residual connections or normalisation, or reduce the depth.',
    reasons: {
      depth: (f: Facts) =>
        `Each layer makes the samples more alike (from ${f.percent('inputDiversity')} of the signal at the input); after ${f.count('layers')} layers almost only their common part is left.`,
      training: (f: Facts) =>
        `At the start the samples differed in ${f.percent('initialDiversity')} of the signal; training has made the network answer the same to all of them.`,
      attention: (f: Facts) =>
        `Attention averages over positions; without skip connections ${f.count('layers')} layers of it leave all positions the same.`,
    },
  },
};
