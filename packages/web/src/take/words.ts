// The words of what is brought and taken, loaded with it.
import type { Language } from '../worker/protocol.js';
import { currentLanguage } from '../words/words.svelte.js';

const en = {
  close: 'Close',
  take: {
    title: 'Export',
    hint: 'What this run has measured so far, as files. Nothing leaves this machine.',
    groups: { pictures: 'Picture of the gradient flow', numbers: 'Measurements', network: 'Network' },
    names: {
      png: 'PNG',
      svg: 'SVG',
      csv: 'CSV',
      trace: 'Trace, JSON',
      report: 'Diagnosis, JSON',
      weights: 'Weights, safetensors',
      spec: 'Spec, YAML',
      pytorch: 'PyTorch',
      onnx: 'ONNX',
    },
    does: {
      png: '1920 × 1008 pixels, in the colours of the theme',
      svg: 'Vectors, for papers and slides',
      csv: 'One row a layer and step, for tables and plots',
      trace: 'All that was recorded; drop it on this page to see it again',
      report: 'Findings and numbers of every layer, as “fuga diagnose --json” prints them',
      weights: 'Weights as they stand now',
      spec: 'What builds this network, for “fuga train” and this page',
      pytorch: 'The same network, init and training loop as a plain module',
      onnx: 'The file that was brought, with its changes and weights as they stand',
    },
    saved: (name: string) => `Saved as ${name}.`,
    making: 'Writing …',
    failed: (what: string, why: string) => `${what} could not be written: ${why}`,
    caption: (step: string, loss: string, verdict: string) => `step ${step} · loss ${loss} · ${verdict}`,
    nothing: 'There is no run to export: the network cannot be built as it stands.',
  },
};

export type TakeWords = typeof en;

const pt: TakeWords = {
  close: 'Fechar',
  take: {
    title: 'Exportar',
    hint: 'O que esta execução mediu até agora, em arquivos. Nada sai desta máquina.',
    groups: { pictures: 'Imagem do fluxo do gradiente', numbers: 'Medidas', network: 'Rede' },
    names: {
      png: 'PNG',
      svg: 'SVG',
      csv: 'CSV',
      trace: 'Registro, JSON',
      report: 'Diagnóstico, JSON',
      weights: 'Pesos, safetensors',
      spec: 'Especificação, YAML',
      pytorch: 'PyTorch',
      onnx: 'ONNX',
    },
    does: {
      png: '1920 × 1008 pixels, nas cores do tema',
      svg: 'Vetores, para artigos e apresentações',
      csv: 'Uma linha por camada e passo, para tabelas e gráficos',
      trace: 'Tudo o que foi registrado; solte nesta página para ver de novo',
      report: 'Achados e números de cada camada, como “fuga diagnose --json” os imprime',
      weights: 'Os pesos como estão agora',
      spec: 'O que constrói esta rede, para “fuga train” e para esta página',
      pytorch: 'A mesma rede, inicialização e laço de treino em um módulo simples',
      onnx: 'O arquivo que foi trazido, com as mudanças e os pesos como estão',
    },
    saved: (name) => `Salvo como ${name}.`,
    making: 'Escrevendo …',
    failed: (what, why) => `Não foi possível escrever ${what}: ${why}`,
    caption: (step, loss, verdict) => `passo ${step} · perda ${loss} · ${verdict}`,
    nothing: 'Não há execução para exportar: a rede não pode ser construída como está.',
  },
};

const dictionaries: Readonly<Record<Language, TakeWords>> = { en, 'pt-BR': pt };

/** The words of bringing and taking, in the page's language. */
export function takeWords(): TakeWords {
  return dictionaries[currentLanguage()];
}
