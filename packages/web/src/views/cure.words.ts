import { currentLanguage } from '../words/words.svelte.js';

/** Words of trials, loaded with them. */
const en = {
  title: 'What could help',
  intro:
    'Each remedy is tried on the patient over five seeds, side by side, with the same data in the same order.',
  suggested: 'Asked for by the diagnosis',
  others: 'Other remedies',
  refused: 'Do not apply here',
  try: 'Try it',
  stop: 'Stop',
  patient: 'The patient',
  treated: 'Treated',
  against: (name: string) => `The patient against: ${name}`,
  empty: 'Pick a remedy, and watch both patients train next to each other.',
  well: 'The patient is healthy: nothing asks for a cure. Remedies can be tried all the same.',
  seed: (seed: number, at: number, all: number) => `seed ${seed} (${at} of ${all})`,
  loss: 'Loss, the treated one and the patient',
  perSeed: 'Seed by seed',
  cured: 'Cured',
  helped: 'Better, yet not healthy',
  unproven: 'No effect proven',
  worse: 'Worse',
  running: 'Running',
  stopped: 'Stopped',
  failed: 'Could not be tried',
  effect: 'effect on the loss',
  interval: (low: string, high: string) => `95 % interval ${low} to ${high}`,
  p: 'p',
  score: 'test score',
  parameters: 'parameters',
  time: 'time a step',
  apply: 'Apply to the patient',
  applied: 'Applied. The patient now trains with it.',
  history: 'Trials so far',
  remedy: 'Remedy',
  verdict: 'Verdict',
  method: (steps: number) =>
    `Mean loss of the last tenth of ${steps} steps; median over the seeds, exact bootstrap interval, one-sided paired permutation test.`,
};

const pt: typeof en = {
  title: 'O que pode ajudar',
  intro:
    'Cada remédio é testado no paciente com cinco sementes, lado a lado, com os mesmos dados na mesma ordem.',
  suggested: 'Pedidos pelo diagnóstico',
  others: 'Outros remédios',
  refused: 'Não se aplicam aqui',
  try: 'Testar',
  stop: 'Parar',
  patient: 'O paciente',
  treated: 'Tratado',
  against: (name: string) => `O paciente contra: ${name}`,
  empty: 'Escolha um remédio e veja os dois pacientes treinarem lado a lado.',
  well: 'O paciente está saudável: nada pede uma cura. Os remédios podem ser testados mesmo assim.',
  seed: (seed: number, at: number, all: number) => `semente ${seed} (${at} de ${all})`,
  loss: 'Perda, a do tratado e a do paciente',
  perSeed: 'Semente por semente',
  cured: 'Curado',
  helped: 'Melhor, mas não saudável',
  unproven: 'Nenhum efeito provado',
  worse: 'Pior',
  running: 'Em curso',
  stopped: 'Parado',
  failed: 'Não pôde ser testado',
  effect: 'efeito na perda',
  interval: (low: string, high: string) => `intervalo de 95 %: ${low} a ${high}`,
  p: 'p',
  score: 'nota no teste',
  parameters: 'parâmetros',
  time: 'tempo por passo',
  apply: 'Aplicar ao paciente',
  applied: 'Aplicado. O paciente agora treina com ele.',
  history: 'Testes até aqui',
  remedy: 'Remédio',
  verdict: 'Veredito',
  method: (steps: number) =>
    `Perda média do último décimo de ${steps} passos; mediana das sementes, intervalo exato por bootstrap, teste de permutação pareado unilateral.`,
};

export function cureWords(): typeof en {
  return currentLanguage() === 'en' ? en : pt;
}
