import type { Outcome } from '@fuga/engine';
import type { Language } from '../worker/protocol.js';

/** What experiments call their quantities, curves and axes, phrase by phrase; longer ones before their parts. */
const phrases: readonly (readonly [en: string, pt: string])[] = [
  ['the LSTM’s input and forget gates swapped', 'portas de entrada e de esquecimento trocadas'],
  ['seeds: deep residual better than deep plain', 'sementes: residual funda melhor que simples funda'],
  ['seeds: deep plain worse than shallow plain', 'sementes: simples funda pior que simples rasa'],
  ['seeds in which He wins', 'sementes em que He vence'],
  ['median loss from Xavier', 'perda mediana a partir de Xavier'],
  ['branches on an effective path', 'ramos num caminho efetivo'],
  ['branches on the path', 'ramos no caminho'],
  ['layers from the output', 'camadas a partir da saída'],
  ['blocks from the output', 'blocos a partir da saída'],
  ['layers, in depth scales ξ', 'camadas, em escalas de profundidade ξ'],
  ['variance of the activation', 'variância da ativação'],
  ['variance of the output', 'variância da saída'],
  ['mean square of the activation', 'média dos quadrados da ativação'],
  ['autocorrelation of the gradient', 'autocorrelação do gradiente'],
  ['rms of the first update', 'rms da primeira atualização'],
  ['singular value, by rank', 'valor singular, em ordem'],
  ['relative to the largest', 'em relação ao maior'],
  ['share of the gradient', 'parte do gradiente'],
  ['share born dead', 'parte que nasce morta'],
  ['length of the step', 'comprimento do passo'],
  ['change of direction', 'mudança de direção'],
  ['loss after training', 'perda depois do treino'],
  ['training loss', 'perda no treino'],
  ['mean squared error', 'erro quadrático médio'],
  ['cross entropy', 'entropia cruzada'],
  ['deepest that learns', 'a mais funda que aprende'],
  ['on unseen sequences', 'em sequências novas'],
  ['smallest variance', 'menor variância'],
  ['largest variance', 'maior variância'],
  ['start variance', 'variância inicial'],
  ['units wide', 'unidades de largura'],
  ['steps back', 'passos para trás'],
  ['share lost', 'parte perdida'],
  ['fixed point', 'ponto fixo'],
  ['no memory', 'sem memória'],
  ['always 1', 'sempre 1'],
  ['limit c', 'limite c'],
  ['first update / last', 'primeira atualização / última'],
  ['last update / lr', 'última atualização / lr'],
  ['of the last block', 'do último bloco'],
  ['residual, deep', 'residual, funda'],
  ['plain, shallow', 'simples, rasa'],
  ['plain, deep', 'simples, funda'],
  ['factor a layer', 'fator por camada'],
  ['factor a block', 'fator por bloco'],
  ['factor a step', 'fator por passo'],
  ['pre-norm', 'pré-normalização'],
  ['post-norm', 'pós-normalização'],
  ['delta-orthogonal', 'delta-ortogonal'],
  ['orthogonal', 'ortogonal'],
  ['Gaussian', 'gaussiana'],
  ['relative', 'relativo'],
  ['product of', 'produto de'],
  ['factor of', 'fator de'],
  ['variance after', 'variância após'],
  ['mean after', 'média após'],
  ['dead of', 'mortas de'],
  ['rms of', 'rms de'],
  ['largest', 'maior'],
  ['decades over', 'décadas em'],
  ['critical', 'crítica'],
  ['ordered', 'ordenada'],
  ['chaotic', 'caótica'],
  ['plain', 'simples'],
  ['layers of', 'camadas de'],
  ['layers', 'camadas'],
  ['layer', 'camada'],
  ['blocks', 'blocos'],
  ['depth', 'profundidade'],
  ['slope', 'inclinação'],
  ['scale', 'escala'],
  ['start', 'início'],
  ['batch', 'lote'],
  ['chance', 'acaso'],
  ['steps', 'passos'],
  ['step', 'passo'],
  ['seed', 'semente'],
  ['loss', 'perda'],
  ['lag', 'defasagem'],
  ['over', 'em'],
  ['law', 'lei'],
];

const escaped = phrases.map(([en]) => en.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
const pattern = new RegExp(String.raw`(?<!\p{L})(?:${escaped.join('|')})(?!\p{L})`, 'gu');
const translations = new Map(phrases);

/** A quantity's, curve's or axis' name in a language; the shelf has it in English. */
function nameIn(language: Language, name: string): string {
  return language === 'en' ? name : name.replaceAll(pattern, (phrase) => translations.get(phrase) ?? phrase);
}

/** An outcome with its names in a language. */
export function outcomeIn(language: Language, { checks, picture, ...rest }: Outcome): Outcome {
  const named = <T extends { readonly name: string }>(item: T): T => ({
    ...item,
    name: nameIn(language, item.name),
  });
  const labelled = (axis: Outcome['picture']['x']) => ({ ...axis, label: nameIn(language, axis.label) });
  return {
    ...rest,
    checks: checks.map(named),
    picture: { x: labelled(picture.x), y: labelled(picture.y), curves: picture.curves.map(named) },
  };
}
