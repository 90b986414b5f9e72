import type { Command } from 'commander';
import { guarded, wholeNumber } from '../commandLine.js';

interface LabFlags {
  readonly port: number;
}

const examples = `Examples:
  fuga lab                      the lab on its own example
  fuga lab net.fuga.yaml        opened on a spec
  fuga lab --port 0             on any free port
`;

/** `fuga lab`: the lab in a browser, from this machine. */
export default function defineLab(program: Command): Command {
  return program
    .command('lab')
    .summary('serve the lab on this machine, opened on a spec')
    .description(
      'Serves the lab on 127.0.0.1 and prints its address. Nothing leaves the machine. Ctrl-C ends it.',
    )
    .argument('[file]', 'a run spec (.fuga.yaml, .json)')
    .option('--port <n>', 'port; 0 takes a free one', wholeNumber(0), 4242)
    .addHelpText('before', examples)
    .action(guarded(lab));
}

async function lab(file: string | undefined, flags: LabFlags): Promise<number> {
  const [{ serveLab }, { linkTo }, { listenForInterrupt }] = await Promise.all([
    import('../lab/server.js'),
    import('../lab/link.js'),
    import('../interrupt.js'),
  ]);
  const hash = file === undefined ? '' : await linkTo(file);
  const server = await serveLab(flags.port);
  process.stdout.write(`${server.url}${hash}\n`);
  process.stderr.write('The lab is open at this address. Ctrl-C ends it.\n');
  const { signal, release } = listenForInterrupt();
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
  release();
  await server.close();
  return 0;
}
