/** `npm run crds`: writes the CRDs of `lib/crd/generated` from the manifests of their releases. A test compares them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cli';
import { generatedFiles, generatedFolder } from './generated-crds';

mkdirSync(join(root, generatedFolder), { recursive: true });
for (const { file, text } of generatedFiles()) {
  if (text === undefined) process.stderr.write(`${file}: its manifest is not there (METAL3_TESTBED_UPSTREAM)\n`);
  else writeFileSync(join(root, file), text);
}
