#!/usr/bin/env node
/** `pulumi-resource-metal3-testbed`, which Pulumi's engine starts for programs in other languages than Node.js. */
import '../../src/util/require-node';
import { createRequire } from 'node:module';
import type * as server from '@pulumi/pulumi/provider';
import type * as provider from './testbed-provider';

try {
  createRequire(__filename).resolve('@pulumi/pulumi/provider');
} catch {
  process.stderr.write(
    'error: metal3-testbed needs @pulumi/pulumi where it is installed, to serve programs in other languages: npm install @pulumi/pulumi\n',
  );
  process.exit(3);
}

/* eslint-disable @typescript-eslint/no-require-imports -- what comes before says what is missing */
const { main } = require('@pulumi/pulumi/provider') as typeof server;
const { TestbedProvider } = require('./testbed-provider') as typeof provider;
/* eslint-enable @typescript-eslint/no-require-imports */

void main(new TestbedProvider(), process.argv.slice(2));
