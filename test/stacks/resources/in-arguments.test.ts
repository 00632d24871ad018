import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { invalidInput } from '../../../lib/errors';
import { inArguments } from '../../../stacks/resources/in-arguments';
import { partialSuccess } from '../../../stacks/resources/provider-results';

const said = (message: string) => (inArguments(invalidInput(message)) as Error).message;

describe('what errors recommend to whoever wrote a program', () => {
  it('are arguments of resources, not options of the command', () => {
    assert.equal(said('name another with --state-dir'), 'name another with stateDir');
    assert.equal(
      said("give another --name, use it as it is with '--cluster existing --context kind-a', or delete it"),
      "give another name, use it as it is with cluster 'existing' and context 'kind-a', take it over with adopt, or delete it",
    );
    assert.equal(said("start Docker, or use '--cluster local'"), "start Docker, or use cluster 'local'");
    assert.equal(
      said('take them over with --force-conflicts (forceConflicts of a HostFleet)'),
      'take them over with forceConflicts',
    );
    assert.equal(
      said("leave out --name, run 'metal3-testbed down' first"),
      "leave out name, run 'pulumi destroy' first",
    );
  });

  it('leave commands of others as they are', () => {
    const command = "delete it with 'kind delete cluster --name lab'";
    assert.equal(said(command), command);
  });

  it('are so in what the engine records of half a resource too, and in no fault of this package', () => {
    const half = inArguments(partialSuccess(invalidInput('give --node-image IMAGE'), 'lab', {}));
    assert.deepEqual((half as { readonly reasons: readonly string[] }).reasons, ['give nodeImage']);
    const fault = new TypeError('--name is not a function');
    assert.equal(inArguments(fault), fault);
    assert.equal(fault.message, '--name is not a function');
  });
});
