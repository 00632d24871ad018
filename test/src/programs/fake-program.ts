import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a program that answers `--version`, as any of those that are looked for. */
export function fakeProgram(file: string, version: string): string {
  return script(file, `echo "fake etcd, Kubernetes, kwok or kind ${version}"`);
}

/** Flags of the Bare Metal Operator that all releases have, and those that the two built-in ones differ by. */
const COMMON_FLAGS = [
  ...[
    'build-preprov-image',
    'controller-concurrency',
    'dev',
    'enable-leader-election',
    'health-addr',
    'kube-api-burst',
  ],
  ...['kube-api-qps', 'lease-duration-seconds', 'metrics-addr', 'namespace', 'renew-deadline-seconds'],
  ...['retry-period-seconds', 'tls-cipher-suites', 'tls-max-version', 'tls-min-version', 'webhook-port'],
];
const OWN_FLAGS = {
  'v0.13': ['test-mode', 'demo-mode'],
  'v0.14': ['hostclaims', 'max-provisioning-retries', 'provisioner', 'tls-curve-preferences'],
};

/** Writes a program that answers `-h` as the Bare Metal Operator does, and otherwise does what the script says. */
export function fakeOperator(file: string, release: keyof typeof OWN_FLAGS, body = 'exit 1'): string {
  const flags = [...COMMON_FLAGS, ...OWN_FLAGS[release]].sort();
  const usage = flags.map((flag) => `  -${flag} string\n    \tsays what ${flag} is`).join('\n');
  return script(file, `if [ "$1" = -h ]; then cat >&2 <<'END'\nUsage of ${file}:\n${usage}\nEND\nexit 0\nfi\n${body}`);
}

/** Writes a program that answers `--help` as a manager of Cluster API does. @param flags those that it knows */
export function fakeManager(file: string, flags: Iterable<string>, body = 'exit 1'): string {
  const usage = [...flags].map((flag) => `      --${flag} string   says what ${flag} is`).join('\n');
  return script(
    file,
    `if [ "$1" = --help ]; then cat >&2 <<'END'\nUsage of ${file}:\n${usage}\nEND\nexit 0\nfi\n${body}`,
  );
}

/** Writes an executable shell script. */
export function script(file: string, body: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}
