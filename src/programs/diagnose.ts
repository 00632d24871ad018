/** What `metal3-testbed doctor` tells: what a testbed needs, what of it is here, and how to mend the rest. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { run, runSync } from '../process/spawn';
import { cacheDir } from './cache';
import type { ProgramName } from './catalog';
import { CATALOG } from './catalog';
import { downloadsBase } from './download';
import { lookForProgram } from './find';
import { goVersion, placesToGet } from './plan';

/** One thing looked at. */
export interface Check {
  readonly name: string;
  /**
   * `warning`: it is missing, and a testbed works without it, or `up` gets it; or it may not do. `missing`: `up` will fail.
   */
  readonly state: 'ok' | 'warning' | 'missing';
  readonly detail: string;
  /** How to mend it; absent where all is well. */
  readonly remedy?: string;
}

/** What is looked at. */
export interface DiagnoseOptions {
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder whose disk will hold the cluster's data. @default the current folder */
  readonly stateDir?: string;
  /** @default none */
  readonly signal?: AbortSignal;
}

const GIB = 1024 ** 3;
/** What `clusterApi` takes on a cluster without pods. */
const MANAGERS = ['cluster-api-core', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'capm3', 'ipam'] as const;

/** Looks at everything; changes and fetches nothing. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Check[]> {
  const env = options.env ?? process.env;
  const go = await goVersion(env);
  const programs: Check[] = [];
  for (const name of ['etcd', 'kube-apiserver', 'kwok'] as const) programs.push(await checkProgram(name, env, go));
  for (const [name, purpose] of [
    ['kube-controller-manager', 'ends deleted namespaces, and deletes what deleted objects owned'],
    ['baremetal-operator', 'simulates hosts with the real operator; without it kwok does'],
    ...MANAGERS.map((name) => [name, 'a manager of Cluster API, for `clusterApi` on local'] as const),
  ] as const) {
    programs.push(await checkProgram(name, env, go, purpose));
  }
  for (const [name, purpose] of [
    ['kubectl', 'to look at the cluster yourself'],
    ['kind', 'for clusters with pods'],
  ] as const) {
    programs.push(await checkOptional(name, purpose, env));
  }
  return [
    ...programs,
    go === undefined
      ? {
          name: 'go',
          state: 'warning',
          detail: 'missing; programs that cannot be downloaded could not be built',
          remedy: 'install it: https://go.dev/dl',
        }
      : { name: 'go', state: 'ok', detail: go },
    await checkDocker(env),
    // No flag of theirs changes it.
    {
      name: 'webhooks of managers',
      state: 'ok',
      detail:
        'where managers of Cluster API run on this machine, their webhook servers listen on every address of it, and have no flag for another; a firewall, or a network namespace of your own, keeps others away',
    },
    await checkDisk('disk of the state folder', resolve(options.stateDir ?? '.'), 2),
    await checkDisk('disk of the cache', cacheDir(env), 1),
    checkMemory(),
    checkOpenFiles(),
  ];
}

/** @param purpose of a program without which a testbed works */
async function checkProgram(
  name: ProgramName,
  env: NodeJS.ProcessEnv,
  go: string | undefined,
  purpose?: string,
): Promise<Check> {
  const spec = CATALOG[name];
  const found = await look(name, env);
  if ('detail' in found) return { name, state: 'ok', detail: found.detail };
  if (found.wrong) return { name, state: 'missing', detail: found.wrong, remedy: `correct or unset ${spec.variable}` };
  const ways = placesToGet(spec, {}, env, go).map(({ source, version, where }) => {
    if (source === 'download') return `downloads it from ${downloadsBase(env)}`;
    return source === 'image'
      ? `takes it out of ${where}`
      : `builds ${version} with Go (${spec.goBuild?.takes ?? 'some minutes'})`;
  });
  const orGo = spec.goBuild === undefined ? '' : ', or install Go';
  const remedy = `set ${spec.variable}, or put it on PATH (${spec.howToGet})${orGo}`;
  if (ways.length > 0)
    return {
      name,
      state: 'warning',
      detail: `missing; the first \`up\` ${ways.join(', or else ')}`,
      remedy: `or ${remedy}`,
    };
  if (purpose !== undefined) return { name, state: 'warning', detail: `missing (${purpose})`, remedy };
  return { name, state: 'missing', detail: `missing; tried ${found.tried.join('; ')}`, remedy };
}

async function checkOptional(name: ProgramName, purpose: string, env: NodeJS.ProcessEnv): Promise<Check> {
  const found = await look(name, env);
  if ('detail' in found) return { name, state: 'ok', detail: found.detail };
  const detail = found.wrong ?? `missing (${purpose})`;
  return { name, state: 'warning', detail, remedy: `${CATALOG[name].howToGet}; or set ${CATALOG[name].variable}` };
}

type Look = { readonly detail: string } | { readonly tried: readonly string[]; readonly wrong?: string };

async function look(name: ProgramName, env: NodeJS.ProcessEnv): Promise<Look> {
  try {
    const found = await lookForProgram(name, { env, fetch: false });
    if ('tried' in found) return found;
    const { file, version, source } = found.program;
    return { detail: `${version} at ${file} (${source})` };
  } catch (error) {
    if (error instanceof TestbedError) return { tried: [], wrong: error.message };
    throw error;
  }
}

async function checkDocker(env: NodeJS.ProcessEnv): Promise<Check> {
  const asked = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { env, timeoutMs: 15_000 });
  const version = asked.stdout.trim();
  if (asked.code === 0 && version !== '') return { name: 'docker', state: 'ok', detail: `engine ${version}` };
  const detail = asked.startError ? 'missing' : 'its engine does not answer';
  return {
    name: 'docker',
    state: 'warning',
    detail: `${detail}; clusters are \`local\` then, without pods`,
    remedy: 'install or start Docker, for `--cluster kind` only',
  };
}

async function checkDisk(name: string, dir: string, gibNeeded: number): Promise<Check> {
  let existing = dir;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  const free = (bavail * bsize) / GIB;
  const detail = `${free.toFixed(1)} GiB free at ${dir}`;
  if (free >= gibNeeded) return { name, state: 'ok', detail };
  return { name, state: 'warning', detail, remedy: `free some space: ${gibNeeded} GiB is recommended` };
}

function checkMemory(): Check {
  const free = process.availableMemory() / GIB;
  const detail = `${free.toFixed(1)} GiB available, ${availableParallelism()} CPUs`;
  if (free >= 2) return { name: 'memory', state: 'ok', detail };
  return {
    name: 'memory',
    state: 'warning',
    detail,
    remedy: '2 GiB is enough for 1,000 hosts; end other programs or use fewer hosts',
  };
}

/** Node raises its own limit to the hard one, and what it starts inherits that: a child's answer is what counts. */
function checkOpenFiles(): Check {
  const limit = runSync('sh', ['-c', 'ulimit -n'])?.trim() ?? 'unknown';
  const detail = `${limit} open files allowed`;
  if (limit === 'unlimited' || Number(limit) >= 4096) return { name: 'open files', state: 'ok', detail };
  return { name: 'open files', state: 'warning', detail, remedy: 'raise it: ulimit -n 65536' };
}
