import type { Command } from 'commander';
import { guarded, languageOf, withOutputFlags, withRunFlags, type CommonFlags } from '../commandLine.js';

const examples = `Examples:
  fuga describe net.fuga.yaml           sites, shapes, parameters, memory
  fuga describe net.fuga.yaml --json    the spec with every default filled in
`;

/** `fuga describe`: what a spec means, before anything runs. */
export default function defineDescribe(program: Command): Command {
  const command = program
    .command('describe')
    .summary('show shapes, parameters and memory before running')
    .description(
      'Shows what a spec means: every site with its shape and parameters, and the memory a run needs.',
    )
    .argument('<file>', 'a run spec (.fuga.yaml, .json) or a network (.onnx)')
    .option('--all', 'show every site, however many')
    .addHelpText('before', examples);
  return withOutputFlags(withRunFlags(command)).action(
    guarded(async (file: string, flags: CommonFlags & { readonly all?: boolean }) => {
      const [{ openSubject }, { EngineError, describeRun }, { failureAt }, { subjectOf }] = await Promise.all(
        [
          import('../openSubject.js'),
          import('@fuga/engine'),
          import('../failure.js'),
          import('../network.js'),
        ],
      );
      const { source, spec, data: read, network } = await openSubject(file, flags);
      if (flags.json) {
        process.stdout.write(`${JSON.stringify(spec, null, 2)}\n`);
        return 0;
      }
      try {
        const { data } = await subjectOf({ spec, data: read, network });
        const described = await describeRun(spec, { exact: flags.exact ?? false, ...(data ? { data } : {}) });
        const { descriptionPage } = await import('../picture/description.js');
        const { terminalOf } = await import('../terminal.js');
        const terminal = terminalOf(process.stdout, flags);
        process.stdout.write(
          descriptionPage(described, terminal, languageOf(flags), { all: flags.all ?? false }),
        );
        return 0;
      } catch (error) {
        if (error instanceof EngineError) throw failureAt(error, source);
        throw error;
      }
    }),
  );
}
