/**
 * The cdk8s app behind `cdk8s synth`: the testbed that `testbed.yaml` in the current folder describes (or the file that
 * METAL3_TESTBED_FILE names), and without one the blog's.
 */
import { existsSync } from 'node:fs';
import { App } from 'cdk8s';
import { TestbedError } from '../lib/errors';
import { Testbed } from '../lib/testbed';
import { readTestbedFile } from './testbed-file';

const DEFAULT_FILE = 'testbed.yaml';

async function main(): Promise<void> {
  const named = process.env['METAL3_TESTBED_FILE'];
  const file = named ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  const props = file === undefined ? {} : await readTestbedFile(file);
  const app = new App();
  new Testbed(app, 'testbed', props);
  app.synth();
}

main().catch((error: unknown) => {
  // Whoever wrote the description can mend it without a stack trace.
  process.stderr.write(
    `${error instanceof TestbedError ? `error: ${error.message}` : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exitCode = 1;
});
