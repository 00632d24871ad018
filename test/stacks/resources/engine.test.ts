import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { invalidInput } from '../../../lib/errors';
import { forgets, interrupted, served } from '../../../stacks/resources/engine';
import type { CompleteProvider } from '../../../stacks/resources/provider-results';

const provider = (error: Error): CompleteProvider<object, object> => ({
  check: () => Promise.reject(error),
  diff: () => Promise.reject(error),
  create: () => Promise.reject(error),
  read: () => Promise.reject(error),
  update: () => Promise.reject(error),
  delete: () => Promise.reject(error),
});

/** What the server of dynamic providers does with an error that an operation throws. */
async function printedOf(operation: Promise<unknown>): Promise<string> {
  let printed = '';
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text: string) => (printed += text) !== '';
  try {
    await operation.catch((error: unknown) => {
      console.error(`${String(error)}: ${(error as Error).stack}`);
    });
  } finally {
    process.stderr.write = write;
  }
  return printed;
}

describe('what the engine is served', () => {
  it('prints nothing of errors that the engine prints, and all of faults of this package', async () => {
    const mendable = served(provider(invalidInput('give another')));
    assert.equal(await printedOf(mendable.delete('', {})), '');
    assert.equal(await printedOf(mendable.diff('', {}, {})), '');
    // Two at once that say the same.
    const both = [mendable.read('', {}), mendable.read('', {})].map(printedOf);
    assert.deepEqual(await Promise.all(both), ['', '']);
    const faulty = served(provider(new TypeError('undefined is not a function')));
    assert.match(await printedOf(faulty.read('', {})), /undefined is not a function[^]*at /);
  });

  it('is told when somebody interrupts it, which Pulumi does not pass on', async (t) => {
    const server = createServer((_, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => client.close());
    const call = async (method: string) => {
      const request = client.request({ ':path': `/pulumirpc.ResourceProvider/${method}`, ':method': 'POST' });
      request.resume().end();
      await once(request, 'end');
    };
    await call('Create');
    assert.equal(interrupted.aborted, false);
    await call('Cancel');
    assert.equal(interrupted.aborted, true);
    assert.match(String(interrupted.reason), /interrupted: what is done is recorded, and the next run goes on/);
  });

  it('forgets a cluster that is gone where the resource or the environment says so', (t) => {
    assert.equal(forgets('fail'), false);
    assert.equal(forgets('forget'), true);
    process.env['PULUMI_K8S_DELETE_UNREACHABLE'] = 'true';
    t.after(() => delete process.env['PULUMI_K8S_DELETE_UNREACHABLE']);
    assert.equal(forgets('fail'), true);
  });
});
