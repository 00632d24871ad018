/** A program in the place of a manager of Cluster API: it says its flags, is healthy, and lets pass what its webhooks are asked. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderSpec } from '../../lib/components/cluster-api-provider/release';
import { fakeManager } from '../src/programs/fake-program';

const SCRIPT = `
const { readFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const flags = Object.fromEntries(
  process.argv.slice(2).map((arg) => [arg.replace(/^--|=.*/g, ''), arg.replace(/^[^=]*=?/, '')]),
);
const serve = (address) => {
  const [host, port] = address.split(':');
  http.createServer((request, response) => response.end('ok')).listen(Number(port), host);
};
serve(flags['health-addr']);
serve(flags['diagnostics-address']);
const read = (name) => readFileSync(flags['webhook-cert-dir'] + '/' + name);
const answers = {
  ConversionReview: ({ uid, desiredAPIVersion, objects }) => ({
    uid,
    result: { status: 'Success' },
    convertedObjects: objects.map((object) => ({ ...object, apiVersion: desiredAPIVersion })),
  }),
  AdmissionReview: ({ uid }) => ({ uid, allowed: true }),
};
https
  .createServer({ cert: read('tls.crt'), key: read('tls.key') }, (request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk)).on('end', () => {
      const { apiVersion, kind, request: asked } = JSON.parse(text);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion, kind, response: answers[kind](asked) }));
    });
  })
  // As the managers do it, on every address.
  .listen(Number(flags['webhook-port']))
  .on('error', ({ port }) => {
    console.error('listen tcp :' + port + ': bind: address already in use');
    process.exit(1);
  });
`;

/** @returns its file, in a folder */
export function standInManager(dir: string, { name, releases, defaultVersion }: ProviderSpec): string {
  const script = join(dir, `${name}.js`);
  writeFileSync(script, SCRIPT);
  const flags = releases[defaultVersion]?.flags ?? [];
  return fakeManager(join(dir, name), flags, `exec ${process.execPath} ${script} "$@"`);
}
