/** Where Pulumi works when a program drives it. */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { automation } from '@pulumi/pulumi';
import { TestbedError, invalidInput } from '../lib/errors';

/** The project that all stacks of this package belong to. */
export const PROJECT = 'metal3-testbed';

export interface WorkspaceProps {
  readonly workDir: string;
  /** Variables for Pulumi, beside this process's own. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A workspace with the file backend below its folder, unless PULUMI_BACKEND_URL names another.
 *
 * @throws TestbedError: `environment` without `pulumi`; `invalid-input` for a folder that belongs to no program with this
 * package, and where nothing is given to encrypt secrets with. Nothing is written then
 */
export async function workspaceOptions(props: WorkspaceProps): Promise<automation.LocalWorkspaceOptions> {
  const workDir = resolve(props.workDir);
  requirePackage(workDir);
  const env = { ...process.env, ...props.env };
  const backend = env['PULUMI_BACKEND_URL'] || `file://${join(workDir, 'state')}`;
  if (backend.startsWith('file:')) requirePassphrase(env);
  const pulumiCommand = await findPulumi();
  mkdirSync(join(workDir, 'state'), { recursive: true, mode: 0o700 });
  return {
    workDir,
    pulumiCommand,
    envVars: { ...props.env, PULUMI_BACKEND_URL: backend },
    projectSettings: { name: PROJECT, runtime: 'nodejs' },
  };
}

async function findPulumi(): Promise<automation.PulumiCommand> {
  try {
    return await automation.PulumiCommand.get();
  } catch (error) {
    const why = (error as Error).message.split('\n')[0];
    throw new TestbedError(
      'environment',
      `pulumi does not answer (${why}): install its CLI and put it on PATH, see https://www.pulumi.com/docs/install`,
      { cause: error },
    );
  }
}

/** Pulumi runs resources of this package in a process of its own, which looks for the package from the workspace. */
function requirePackage(workDir: string): void {
  for (const needed of ['metal3-testbed/pulumi/plugins/host-fleet', '@pulumi/pulumi']) {
    try {
      createRequire(`${workDir}/`).resolve(needed);
    } catch {
      throw invalidInput(
        `workDir ${workDir} is not inside a program that has ${needed.split('/pulumi/')[0]} installed: give a folder below the one that has node_modules`,
      );
    }
  }
}

function requirePassphrase(env: NodeJS.ProcessEnv): void {
  if (env['PULUMI_CONFIG_PASSPHRASE'] !== undefined || env['PULUMI_CONFIG_PASSPHRASE_FILE'] !== undefined) return;
  throw invalidInput(
    'no passphrase is set, with which Pulumi encrypts the secrets in its state: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE',
  );
}
