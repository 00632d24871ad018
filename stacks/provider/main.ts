#!/usr/bin/env node
/** `pulumi-resource-metal3-testbed`, which Pulumi's engine starts for programs in other languages than Node.js. */
import '../../src/util/require-node';
import { createRequire } from 'node:module';
import type * as pulumi from '@pulumi/pulumi';
import type * as server from '@pulumi/pulumi/provider';
import type * as engine from '../resources/engine';
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
const { log, runtime } = require('@pulumi/pulumi') as typeof pulumi;
const { main } = require('@pulumi/pulumi/provider') as typeof server;
const { sayBy } = require('../resources/engine') as typeof engine;
const { TestbedProvider } = require('./testbed-provider') as typeof provider;
/* eslint-enable @typescript-eslint/no-require-imports */

const args = process.argv.slice(2);
/** Where the engine is told what somebody is to read. */
const address = args.find((arg) => /^[^-].*:\d+$/.test(arg));
if (address !== undefined) {
  runtime.resetOptions('', '', -1, address, '', false, '');
  sayBy((line) => void log.info(line));
}
void main(new TestbedProvider(), args);
