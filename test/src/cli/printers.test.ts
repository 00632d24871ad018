import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestbedEvent } from '../../../src/util/events';
import { LogPrinter } from '../../../src/cli/printers/log';
import { createPrinter } from '../../../src/cli/printers/printer';
import { until } from '../../../src/util/until';
import { DEFAULT_KIND } from '../../../lib/kinds';
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

  it('of a download is in megabytes, with how fast they come and how long the rest takes', () => {
    const out = output(false);
    const printer = new LogPrinter(out, () => 0);
    const bytes = { type: 'progress', unit: 'bytes', total: 25e6 } as const;
    printer.listener({ ...bytes, task: 'etcd', done: 3.14e6, perSecond: 1.46e6, remainingSeconds: 15.2 });
    printer.listener({ ...bytes, task: 'kwok', done: 3.14e6 });
    printer.close();
    assert.equal(out.text(), 'etcd: 3.1 MB of 25.0 MB, 1.5 MB/s, 15 s left\nkwok: 3.1 MB of 25.0 MB\n');
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

  it('leaves nothing behind either where the terminal writes ^C behind it', () => {
    const out = output(true);
    const printer = createPrinter(out, {});
    printer.listener({ type: 'warning', task: 'etcd', detail: 'slow disk' });
    printer.listener({ type: 'start', task: 'hosts' });
    printer.listener({ type: 'done', task: 'control plane', seconds: 1 });
    out.write('^C');
    printer.close();
    assert.deepEqual(render(out.text()), ['! etcd             slow disk', '✔ control plane    1.0 s']);
  });

  it('has no colors with NO_COLOR, and none of it on a dumb terminal or in CI', () => {
    const colorless = output(true);
    const printer = createPrinter(colorless, { NO_COLOR: '1' });
    printer.listener({ type: 'done', task: 'hosts', seconds: 1 });
    printer.close();
    assert.doesNotMatch(colorless.text(), /\u001b\[\d+m/);
    for (const env of [{ TERM: 'dumb' }, { CI: 'true' }]) {
      const plain = output(true);
      const log = createPrinter(plain, env);
      log.listener({ type: 'done', task: 'hosts', seconds: 1 });
      log.close();
      assert.equal(plain.text(), 'hosts: done in 1.0 s\n');
    }
  });
});

describe('hosts on their way', () => {
  const event = (states: Record<string, number>): TestbedEvent => ({
    type: 'progress',
    task: 'enroll',
    done: 60,
    total: 1_000,
    unit: 'hosts',
    perSecond: 7.25,
    remainingSeconds: 129.7,
    states,
  });

  it('are told with rate, remaining time and states where there is no terminal', () => {
    const out = output(false);
    new LogPrinter(out).listener(event({ '': 10, available: 60 }));
    assert.equal(out.text(), 'enroll: 60 of 1000 hosts, 7.3/s, 2 min 10 s left, 10 new, 60 available\n');
  });

  it('are drawn as a bar of their states on a terminal, once for steps that go on together', async () => {
    const out = output(true, 100);
    const printer = createPrinter(out, {});
    printer.listener(event({ inspecting: 25, available: 75 }));
    printer.listener({ ...event({ inspecting: 25, available: 75 }), task: 'churn' });
    assert.ok(await until(() => out.text().includes('churn'), { deadlineMs: 5_000, everyMs: 10 }));
    const screen = render(out.text());
    printer.close();
    assert.equal(screen.length, 3);
    assert.match(screen[0] ?? '', /enroll .* 60 of 1000 hosts, 7.3\/s, 2 min 10 s left$/);
    assert.match(screen[2] ?? '', /^ +█{24} ■ 25 inspecting {2}■ 75 available$/);
    // A quarter of the bar has another color.
    assert.match(out.text(), /\u001b\[36m█{6}\u001b\[39m\u001b\[32m█{18}/);
  });

  it('are cut to the width of the terminal, colors and all', async () => {
    const out = output(true, 40);
    const printer = createPrinter(out, {});
    printer.listener(event({ inspecting: 25, available: 75 }));
    assert.ok(await until(() => out.text().includes('enroll'), { deadlineMs: 5_000, everyMs: 10 }));
    for (const line of render(out.text())) assert.ok(line.length <= 39, line);
    printer.close();
    assert.match(out.text(), /\u001b\[36m█{3}/);
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
    assert.equal(countLine(DEFAULT_KIND, 1, { available: 1 }), '1 host: 1 available');
    assert.equal(countLine(DEFAULT_KIND, 0, {}), '0 hosts');
  });
});

/** What a terminal shows once all is written: lines, with 'up N' (in the same column or the first) and 'clear' carried out. */
function render(text: string): string[] {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  for (const part of text.split(/(\u001b\[\d*[A-Za-z]|\n)/)) {
    const [, count = '1', code = ''] = /^\u001b\[(\d*)([A-Za-z])$/.exec(part) ?? [];
    if (part === '\n') {
      [row, column] = [row + 1, 0];
      lines[row] ??= '';
    } else if (code === 'A' || code === 'F') {
      [row, column] = [row - Number(count), code === 'F' ? 0 : column];
    } else if (code === 'J') {
      lines.splice(row, Infinity, (lines[row] ?? '').slice(0, column));
    } else if (code === '') {
      const line = lines[row] ?? '';
      lines[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}
