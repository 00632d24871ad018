import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestbedEvent } from '../../../src/events';
import { LogPrinter } from '../../../src/cli/printers/log';
import { createPrinter } from '../../../src/cli/printers/printer';
import { countLine, table } from '../../../src/cli/printers/table';

/** An output that remembers. */
function output(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return {
    isTTY,
    columns,
    write: (text: string | Uint8Array) => written.push(String(text)) > 0,
    text: () => written.join(''),
  };
}

const hosts = (done: number): TestbedEvent => ({
  type: 'progress',
  task: 'hosts',
  done,
  total: 10,
  unit: 'hosts',
  detail: `${done} available`,
});

describe('progress', () => {
  it('is lines where there is no terminal, not more often than every few seconds a task', () => {
    const out = output(false);
    let now = 0;
    const printer = new LogPrinter(out, () => now);
    printer.listener({ type: 'start', task: 'hosts' });
    for (; now < 12_000; now += 1_000) printer.listener(hosts(now / 1_000));
    printer.listener({ type: 'done', task: 'hosts', seconds: 12.04, detail: '10 available' });
    printer.listener({ type: 'warning', task: 'etcd', detail: 'slow disk' });
    printer.close();
    assert.equal(
      out.text(),
      'hosts: started\nhosts: 5 of 10 hosts, 5 available\nhosts: 10 of 10 hosts, 10 available\nhosts: done in 12.0 s, 10 available\nwarning: etcd: slow disk\n',
    );
  });

  it('is redrawn on a terminal, and leaves nothing behind but what is done', () => {
    const out = output(true, 60);
    const printer = createPrinter(out, {});
    printer.listener({ type: 'start', task: 'hosts' });
    printer.listener({ type: 'progress', task: 'hosts', detail: 'x'.repeat(200), done: 5, total: 10, unit: 'hosts' });
    printer.listener({ type: 'done', task: 'control plane', seconds: 1 });
    printer.listener({ type: 'done', task: 'hosts', seconds: 2 });
    printer.close();
    const screen = render(out.text());
    assert.deepEqual(screen, ['✔ control plane    1.0 s', '✔ hosts            2.0 s']);
  });

  it('has no colors with NO_COLOR, and none of it on a dumb terminal or in CI', () => {
    const colorless = output(true);
    const printer = createPrinter(colorless, { NO_COLOR: '1' });
    printer.listener({ type: 'done', task: 'hosts', seconds: 1 });
    printer.close();
    assert.doesNotMatch(colorless.text(), /\u001b\[\d+m/);
    for (const env of [{ TERM: 'dumb' }, { CI: 'true' }])
      assert.ok(createPrinter(output(true), env) instanceof LogPrinter);
  });
});

describe('a table', () => {
  it('is laid out as kubectl does', () => {
    assert.equal(
      table(
        ['NAME', 'STATE'],
        [
          ['worker-1', 'available'],
          ['w', ''],
        ],
      ),
      'NAME       STATE\nworker-1   available\nw',
    );
    assert.equal(countLine(1, { available: 1 }), '1 host: 1 available');
    assert.equal(countLine(0, {}), '0 hosts');
  });
});

/** What a terminal shows once all is written: lines, with 'up N and clear' carried out. */
function render(text: string): string[] {
  const lines: string[] = [''];
  for (const part of text.split(/(\u001b\[\d+A\u001b\[0J|\n)/)) {
    const up = /\[(\d+)A/.exec(part)?.[1];
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, '');
    else if (part === '\n') lines.push('');
    else lines[lines.length - 1] += part.replace(/\u001b\[\d+m/g, '');
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}
