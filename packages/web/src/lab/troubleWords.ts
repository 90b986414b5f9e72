// The words for what goes wrong, loaded when it does.
import type { Language } from '../worker/protocol.js';
import { currentLanguage } from '../words/words.svelte.js';
import type { LinkFault } from './readLink.js';

const en = {
  links: {
    version:
      'This link was made by a newer version of Fuga than this page. Reload the page; if it is still refused, ask for the spec as a file and drop it here.',
    damaged:
      'This link is damaged: a part of it was lost or changed on its way. Copy the whole link again, or ask whoever sent it for a new one.',
    tooLarge:
      'This link asks for more than a link may hold. Nothing of it was run. Ask for the spec as a file and drop it here.',
  } satisfies Record<LinkFault, string>,
  instead: 'The example is shown instead.',
  stays: 'What was here before is still shown.',
  close: 'Close',
  example: 'Show the example',
  refused: 'This network cannot be built.',
  broken: 'The engine failed at this network.',
  at: 'At',
  fromLink:
    'It is what the link asks for, so nothing is trained. Mend it in Build, ask whoever sent the link for another, or look at the example.',
  undo: 'Undo the last edit',
  build: 'Mend it in Build',
  noSimd:
    'This browser cannot run WebAssembly with SIMD, which trains the networks here. Any Chrome or Edge since 91, Firefox since 89 or Safari since 16.4 can, unless a setting (such as a lockdown mode) forbids it.',
  dead: (reason: string) => `The engine has stopped: ${reason}.`,
  silent: (seconds: string) =>
    `The engine has not answered for ${seconds} s. One step of a large network may take that long; otherwise it hangs.`,
  kept: 'Your network and every edit are kept; training begins anew at its first step.',
  smaller: 'If it stops again, make the network or its batch smaller.',
  restart: 'Start the engine again',
};

const pt: typeof en = {
  links: {
    version:
      'Este link foi feito por uma versão do Fuga mais nova que esta página. Recarregue a página; se ainda for recusado, peça a especificação como arquivo e solte-o aqui.',
    damaged:
      'Este link está danificado: uma parte se perdeu ou mudou no caminho. Copie o link inteiro de novo, ou peça outro a quem o enviou.',
    tooLarge:
      'Este link pede mais do que um link pode conter. Nada dele foi executado. Peça a especificação como arquivo e solte-o aqui.',
  },
  instead: 'O exemplo é mostrado no lugar.',
  stays: 'O que estava aqui continua à vista.',
  close: 'Fechar',
  example: 'Mostrar o exemplo',
  refused: 'Esta rede não pode ser construída.',
  broken: 'O motor falhou nesta rede.',
  at: 'Em',
  fromLink:
    'É o que o link pede, por isso nada é treinado. Corrija-a em Construir, peça outro link a quem o enviou, ou veja o exemplo.',
  undo: 'Desfazer a última edição',
  build: 'Corrigir em Construir',
  noSimd:
    'Este navegador não executa WebAssembly com SIMD, que treina as redes aqui. Todo Chrome ou Edge desde o 91, Firefox desde o 89 ou Safari desde o 16.4 executa, a menos que uma configuração (como o modo de isolamento) o proíba.',
  dead: (reason) => `O motor parou: ${reason}.`,
  silent: (seconds) =>
    `O motor não responde há ${seconds} s. Um passo de uma rede grande pode levar esse tempo; senão, ele travou.`,
  kept: 'Sua rede e todas as edições estão guardadas; o treino recomeça do primeiro passo.',
  smaller: 'Se parar de novo, diminua a rede ou o lote.',
  restart: 'Religar o motor',
};

const words: Readonly<Record<Language, typeof en>> = { en, 'pt-BR': pt };

/** The words for trouble, in the page's language. */
export function troubleWords(): typeof en {
  return words[currentLanguage()];
}
