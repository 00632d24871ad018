import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { HostFleetOperations } from '../../stacks/resources/host-fleet-operations';
import { hostFleetProvider } from '../../stacks/resources/host-fleet-provider';
import { root } from '../support/cli';

/** The text of the provider, as Pulumi writes it into a state. */
const serialized = async () =>
  (await pulumi.runtime.serializeFunction(() => hostFleetProvider, { allowSecrets: true })).text;

describe('the provider of host fleets, as a state keeps it', () => {
  it('holds nothing of what a fleet does, so that an upgrade of the package changes no resource', async () => {
    const before = await serialized();
    assert.ok(before.length < 4_096, `${before.length} characters`);
    assert.match(before, /metal3-testbed\/pulumi\/host-fleet-plugin/);
    // Another release is another implementation of the same methods.
    const original = Object.getOwnPropertyDescriptors(HostFleetOperations.prototype);
    Object.assign(HostFleetOperations.prototype, { check: () => 'new', create: () => 'new' });
    try {
      assert.equal(await serialized(), before);
    } finally {
      Object.defineProperties(HostFleetOperations.prototype, original);
    }
  });

  it('captures no module and no path of this machine', async () => {
    const text = await serialized();
    assert.doesNotMatch(text, /require\(/);
    assert.ok(!text.includes(root));
    assert.doesNotMatch(text, /Applier|KubernetesClient|Fleet\(|kubeconfig/);
  });

  it('finds what it loads among the exports of the package', () => {
    interface Manifest {
      readonly exports: Readonly<Record<string, { readonly default: string }>>;
    }
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
    const file = manifest.exports['./pulumi/host-fleet-plugin']?.default ?? '';
    assert.match(readFileSync(join(root, file), 'utf8'), /exports\.operations = new /);
  });
});
