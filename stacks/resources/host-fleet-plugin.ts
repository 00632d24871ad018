/** What the provider in a stack's state loads, in the process that Pulumi runs it in (`metal3-testbed/pulumi/plugins/host-fleet`). */
import { HostFleetOperations } from './host-fleet-operations';

/** Lines on stderr are diagnostics to Pulumi's engine, which shows them below a preview. */
export const operations = new HostFleetOperations((line) => process.stderr.write(`${line}\n`));

// The engine holds the other end. Once it has died, nobody is there to record what is done; the next update goes on.
process.stdin.resume().once('end', () => process.exit(1));
