import { Argument, type Command } from 'commander';
import { guarded, withOutputFlags, type CommonFlags } from '../commandLine.js';

const examples = `Examples:
  fuga list layers
  fuga list layers --details          with options, formula, shapes, gradient and source
  fuga list activations --json
`;

export const kinds = [
  'layers',
  'activations',
  'inits',
  'losses',
  'optimizers',
  'schedules',
  'models',
  'datasets',
  'probes',
  'measures',
  'diagnoses',
  'remedies',
  'experiments',
] as const;
export type Kind = (typeof kinds)[number];

/** `fuga list`: what is on the shelves. */
export default function defineList(program: Command): Command {
  const command = program
    .command('list')
    .summary('show what a network, a run, a diagnosis can be made of')
    .description('Shows the items of a shelf: their names are the names that specs use.')
    .addArgument(new Argument('<what>', 'the shelf').choices(kinds))
    .option('--details', 'options, formula, shapes, gradient and source of each')
    .addHelpText('before', examples);
  return withOutputFlags(command).action(
    guarded(async (kind: Kind, flags: CommonFlags & { readonly details?: boolean }) => {
      const { itemsOf, listPage } = await import('../shelves.js');
      const { terminalOf } = await import('../terminal.js');
      const items = itemsOf(kind);
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(items, null, 2)}\n`
          : listPage(items, terminalOf(process.stdout, flags), flags.details ?? false),
      );
      return 0;
    }),
  );
}
