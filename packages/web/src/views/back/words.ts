import { currentLanguage } from '../../words/words.svelte.js';

/** Words of the backward pass shown layer by layer, loaded with it. */
const en = {
  arrives: 'arrives behind it',
  leaves: 'leaves it to the front',
  slope: 'activation slope',
  factor: { weights: 'weights', normalization: 'normalization', skip: 'skip and branch' },
  together: (factor: string) => `together × ${factor}`,
  sinceLoss: (fold: string) => `so far × ${fold} since the output`,
};

const pt: typeof en = {
  arrives: 'chega por trás',
  leaves: 'sai para a frente',
  slope: 'inclinação da ativação',
  factor: { weights: 'pesos', normalization: 'normalização', skip: 'atalho e ramo' },
  together: (factor) => `juntos × ${factor}`,
  sinceLoss: (fold) => `até aqui × ${fold} desde a saída`,
};

export function backWords(): typeof en {
  return currentLanguage() === 'en' ? en : pt;
}
