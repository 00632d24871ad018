import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import type { ManifestsOptions } from '../../../src/upstream/manifests';
import { runSync } from '../../../src/process/spawn';
import { tempDir } from '../../support/temp-dir';

/** The smallest release of BMO there could be: two objects, two containers. */
export const release = `# a release
apiVersion: v1
kind: Namespace
metadata:
  name: bmo
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bmo
  namespace: bmo
spec:
  selector: { matchLabels: { app: bmo } }
  template:
    metadata: { labels: { app: bmo } }
    spec:
      containers:
        - { name: kube-rbac-proxy, image: proxy }
        - { name: manager, image: 'bmo:v0.3.0' }
`;

/** A folder for testbed.yaml, its lock file and an empty cache, with files in it. */
export function workbench(t: TestContext, files: Readonly<Record<string, string>> = {}) {
  const dir = tempDir(t);
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  const lockFile = join(dir, 'manifests.lock.json');
  const env = { XDG_CACHE_HOME: join(dir, 'cache'), PATH: process.env['PATH'] } as NodeJS.ProcessEnv;
  return {
    dir,
    write,
    lockFile,
    env,
    options: { lockFile, env } satisfies ManifestsOptions,
    cache: join(dir, 'cache', 'metal3-testbed', 'manifests'),
    locked: () =>
      JSON.parse(readFileSync(lockFile, 'utf8')) as { manifests: Record<string, { source: string; sha256: string }> },
    /** Every file there is, relative to the folder. */
    files: () =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
        .sort(),
  };
}

/** A server on a free port of this machine. */
export async function server(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: string[] = [];
  const http = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const close = () => {
    http.closeAllConnections();
    http.close();
  };
  t.after(close);
  return { base: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, requests, close };
}

/** What tests of kustomize are skipped with; `false` where it is there. */
export const withoutKustomize =
  runSync('kustomize', ['version']) === undefined && runSync('kubectl', ['version', '--client']) === undefined
    ? 'neither kustomize nor kubectl is on PATH'
    : false;
