/**
 * Writes `manifest.json` and `config.json` beside a `layer.tar`, by which an engine loads them as an image, for whatever platform it
 * is: `node archive.mjs ARCHITECTURE TAG FOLDER`. What the image does stands in the Dockerfile.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';

const [architecture, tag, folder] = process.argv.slice(2);
const instructions = readFileSync(new URL('Dockerfile', import.meta.url), 'utf8').split('\n');
const of = (name) => instructions.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
const layer = createHash('sha256');
await pipeline(createReadStream(join(folder, 'layer.tar')), layer);
const config = {
  architecture,
  os: 'linux',
  config: { User: of('USER'), Env: of('ENV').split(' '), Entrypoint: JSON.parse(of('ENTRYPOINT')) },
  rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest('hex')}`] },
};
const manifest = [{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }];
writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
