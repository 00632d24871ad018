import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { providers, synthesizedProvider } from '../../../support/providers';
import {
  describeDifference,
  differences,
  explains,
  skipWithout,
  stale,
  upstreamObjects,
  type Explanation,
  type KubernetesObject,
} from '../../../support/upstream';

/** What differs on purpose, by provider. */
const explained: Readonly<Record<string, readonly Explanation[]>> = {
  'metal3-provider': [
    {
      object: /^ConfigMap capm3-system\/capm3-capm3fasttrack-configmap$/,
      path: /^data\.CAPM3_FAST_TRACK$/,
      reason:
        "the default of its variable has quotes, 'false', which a rendering may lose; a ConfigMap holds text alone",
      isOptional: true,
    },
  ],
};

for (const provider of providers) {
  const { name } = provider.spec;
  const explanations = explained[name] ?? [];
  for (const version of Object.keys(provider.spec.releases)) {
    const manifest = provider.manifest(version);
    const ours = (): KubernetesObject[] => synthesizedProvider(provider, { version });
    const isExplained = (difference: ReturnType<typeof differences>[number]) =>
      explanations.some((explanation) => explains(explanation, difference));

    describe(`${name} ${version} and the release's own manifests`, { skip: skipWithout(manifest) }, () => {
      it('are equal, but for what is explained', () => {
        const unexplained = differences(ours(), upstreamObjects(manifest)).filter((each) => !isExplained(each));
        assert.deepEqual(unexplained.map(describeDifference), []);
      });

      it('differ in all that is explained', () => {
        const found = differences(ours(), upstreamObjects(manifest));
        assert.deepEqual(stale(explanations, found), []);
      });

      it('have as many objects', () => {
        assert.equal(ours().length, upstreamObjects(manifest).length);
      });

      it('are found to differ in one field of a CRD, one verb, one argument and one webhook', () => {
        const slips: readonly [kind: string, from: RegExp, to: string][] = [
          ['CustomResourceDefinition', /"maxLength":(\d+)/, '"maxLength":1$1'],
          ['CustomResourceDefinition', /"storage":true/, '"storage":false'],
          ['ClusterRole', /"watch"/, '"watches"'],
          ['Deployment', /--insecure-diagnostics=false/, '--insecure-diagnostics'],
          ['ValidatingWebhookConfiguration', /"UPDATE"/, '"DELETE"'],
        ];
        for (const [kind, from, to] of slips) {
          let slipped = false;
          const changed = ours().map((object) => {
            const text = JSON.stringify(object);
            if (slipped || object.kind !== kind || !from.test(text)) return object;
            slipped = true;
            return JSON.parse(text.replace(from, to)) as KubernetesObject;
          });
          // Not every release has a limit of length.
          if (!slipped && kind === 'CustomResourceDefinition' && name === 'ip-address-manager') continue;
          assert.ok(slipped, `${kind} has ${from}`);
          const found = differences(changed, upstreamObjects(manifest)).filter((each) => !isExplained(each));
          assert.notEqual(found.length, 0, `${kind}: ${from}`);
        }
      });
    });
  }
}
