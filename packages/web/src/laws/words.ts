import type { Language } from '../worker/protocol.js';
import { currentLanguage } from '../words/words.svelte.js';

const en = {
  title: 'The field’s laws',
  intro:
    'Thirty years of papers say how gradients behave. Each of these results is measured here and now, in your browser, on untrained or training networks, and held against the law: where the numbers lie inside the band, the law holds. Where one does not, it says so.',
  init: 'At the first weights',
  initHint: 'Seconds each: networks are drawn many times, and nothing is trained.',
  training: 'While training',
  trainingHint: 'These train several networks, which takes about the time they name, or twice that.',
  runAll: (count: number) => `Run all ${count}`,
  stopAll: 'Stop all',
  summary: (held: number, judged: number, all: number) =>
    judged === 0 ? `${all} laws, none measured yet` : `${held} of ${judged} measured laws hold`,
  run: 'Run',
  runNamed: (title: string) => `Run: ${title}`,
  again: 'Again, other seeds',
  stop: 'Stop',
  about: (seconds: string) => `about ${seconds} s`,
  took: (seconds: string, seed: number) => `${seconds} s, seed ${seed}`,
  holds: 'The law holds',
  fails: 'The law does not hold',
  waiting: 'Waiting',
  running: 'Measuring',
  stopped: 'Stopped',
  failed: 'Could not be run',
  law: 'Law',
  source: 'Source',
  band: 'Why this band',
  quantity: 'Quantity',
  predicted: 'Predicted',
  measured: 'Measured',
  allowed: 'Band',
  inside: 'inside',
  outside: 'outside',
  atLeast: (value: string) => `from ${value}`,
  curveLaw: 'law',
  picture: 'What was measured, over the law',
  logAxis: 'log',
  points: 'The points as a table',
  loading: 'Reading the shelf …',
};

const pt: typeof en = {
  title: 'As leis da área',
  intro:
    'Trinta anos de artigos dizem como os gradientes se comportam. Cada um desses resultados é medido aqui e agora, no seu navegador, em redes recém-sorteadas ou em treino, e comparado com a lei: se os números caem dentro da faixa, a lei vale. Quando alguma não vale, a página diz.',
  init: 'Nos primeiros pesos',
  initHint: 'Segundos cada uma: as redes são sorteadas muitas vezes e nada é treinado.',
  training: 'Durante o treino',
  trainingHint: 'Estas treinam várias redes; leva mais ou menos o tempo indicado, ou o dobro.',
  runAll: (count) => `Medir todas as ${count}`,
  stopAll: 'Parar tudo',
  summary: (held, judged, all) =>
    judged === 0 ? `${all} leis, nenhuma medida ainda` : `${held} de ${judged} leis medidas valem`,
  run: 'Medir',
  runNamed: (title) => `Medir: ${title}`,
  again: 'De novo, outras sementes',
  stop: 'Parar',
  about: (seconds) => `cerca de ${seconds} s`,
  took: (seconds, seed) => `${seconds} s, semente ${seed}`,
  holds: 'A lei vale',
  fails: 'A lei não vale',
  waiting: 'Na fila',
  running: 'Medindo',
  stopped: 'Parada',
  failed: 'Não pôde ser medida',
  law: 'Lei',
  source: 'Fonte',
  band: 'Por que esta faixa',
  quantity: 'Grandeza',
  predicted: 'Previsto',
  measured: 'Medido',
  allowed: 'Faixa',
  inside: 'dentro',
  outside: 'fora',
  atLeast: (value) => `a partir de ${value}`,
  curveLaw: 'lei',
  picture: 'O que foi medido, sobre a lei',
  logAxis: 'log',
  points: 'Os pontos em tabela',
  loading: 'Lendo a estante …',
};

const dictionaries: Readonly<Record<Language, typeof en>> = { en, 'pt-BR': pt };

/** The words of this screen, in the page's language. */
export function lawWords(): typeof en {
  return dictionaries[currentLanguage()];
}
