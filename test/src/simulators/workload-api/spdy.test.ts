import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createDeflate, deflateSync } from 'node:zlib';
import { DICTIONARY, SpdyConnection, type SpdyStream } from '../../../../src/simulators/workload-api/spdy';
import { WebSocketBytes } from '../../../../src/simulators/workload-api/web-socket';
import { until } from '../../../../src/util/until';

const WAIT = { deadlineMs: 10_000 };

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A control frame of version 3. */
function control(type: number, payload: Buffer, flags = 0): Buffer {
  const head = Buffer.from([0x80, 3, 0, type, flags, 0, 0, 0]);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

function data(id: number, payload: Buffer, flags = 0): Buffer {
  const head = Buffer.concat([number(id), number(payload.length)]);
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

/** The other side: one compression for all headers, as the protocol has it. */
class Client {
  readonly side: Duplex;
  readonly streams: SpdyStream[] = [];
  readonly sent: Buffer[] = [];
  private readonly deflate = createDeflate({ dictionary: DICTIONARY });

  constructor() {
    const [up, down] = [new PassThrough(), new PassThrough()];
    this.side = up;
    const transport = Duplex.from({ readable: up, writable: down });
    down.on('data', (chunk: Buffer) => this.sent.push(chunk));
    this.transport = transport;
    new SpdyConnection(transport, (stream) => this.streams.push(stream));
  }

  readonly transport: Duplex;

  get answer(): Buffer {
    return Buffer.concat(this.sent);
  }

  async block(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const entries = Object.entries(headers).flat();
    const text = Buffer.concat([
      number(entries.length / 2),
      ...entries.flatMap((each) => [number(each.length), Buffer.from(each)]),
    ]);
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => chunks.push(chunk);
    this.deflate.on('data', onData);
    this.deflate.write(text);
    await new Promise<void>((resolve) => this.deflate.flush(() => resolve()));
    this.deflate.off('data', onData);
    return Buffer.concat(chunks);
  }

  async open(id: number, headers: Readonly<Record<string, string>>): Promise<void> {
    this.side.write(control(1, Buffer.concat([number(id), number(0), Buffer.from([0, 0]), await this.block(headers)])));
  }
}

describe('SPDY', () => {
  it('reads the headers of streams one after the other, and answers each', async () => {
    const client = new Client();
    await client.open(1, { streamtype: 'error', port: '2379' });
    await client.open(3, { streamtype: 'data', port: '2379', requestid: '0' });
    assert.ok(await until(() => client.streams.length === 2, WAIT));
    assert.deepEqual(
      client.streams.map(({ headers }) => headers.get('streamtype')),
      ['error', 'data'],
    );
    assert.equal(client.streams[1]!.headers.get('requestid'), '0');
    assert.ok(await until(() => client.answer.length === 28 + 26, WAIT), client.answer.toString('hex'));
    assert.equal(client.answer.readUInt16BE(2), 2);
  });

  it('carries bytes both ways, and the end of each', async () => {
    const client = new Client();
    await client.open(1, {});
    assert.ok(await until(() => client.streams.length === 1, WAIT));
    const [stream] = client.streams;
    const got: Buffer[] = [];
    stream!.on('data', (chunk: Buffer) => got.push(chunk));
    const big = Buffer.alloc(300_000, 7);
    for (let at = 0; at < big.length; at += 10_000) client.side.write(data(1, big.subarray(at, at + 10_000)));
    client.side.write(data(1, Buffer.alloc(0), 1));
    await once(stream!, 'end');
    assert.ok(Buffer.concat(got).equals(big));
    client.sent.length = 0;
    stream!.end(big);
    assert.ok(await until(() => client.answer.length === big.length + 8 * 6, WAIT), String(client.answer.length));
    assert.equal(client.answer.at(-4), 1);
  });

  it('answers pings', async () => {
    const client = new Client();
    client.side.write(control(6, number(7)));
    assert.ok(await until(() => client.answer.equals(control(6, number(7))), WAIT));
  });

  it('ends a connection that breaks the rules, whatever it sends', async () => {
    const bomb = deflateSync(Buffer.alloc(10_000_000), { dictionary: DICTIONARY });
    const opened = (block: Buffer) => control(1, Buffer.concat([number(1), number(0), Buffer.from([0, 0]), block]));
    for (const [what, bytes] of [
      ['another version', Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0])],
      ['a frame that is too long', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
      ['headers that grow', opened(bomb)],
      ['headers that are not compressed', opened(Buffer.from('nonsense'))],
      [
        'headers without end',
        opened(deflateSync(Buffer.concat([number(1_000_000), number(5)]), { dictionary: DICTIONARY, finishFlush: 2 })),
      ],
      ['a stream without a number', control(1, Buffer.alloc(2))],
    ] as const) {
      const client = new Client();
      client.side.write(bytes);
      assert.ok(await until(() => client.transport.destroyed, WAIT), what);
    }
  });

  it('refuses more streams than anybody needs', async () => {
    const client = new Client();
    for (let id = 1; id <= 141; id += 2) await client.open(id, {});
    assert.ok(await until(() => client.answer.includes(control(3, Buffer.concat([number(141), number(3)]))), WAIT));
    assert.equal(client.streams.length, 64);
  });
});

describe('a WebSocket of bytes', () => {
  const frame = (opcode: number, payload: Buffer, { isMasked = true, final = 0x80 } = {}) => {
    const { length } = payload;
    const mask = Buffer.from([1, 2, 3, 4]);
    const size =
      length > 65_535
        ? [127, 0, 0, 0, 0, ...number(length)]
        : length > 125
          ? [126, length >> 8, length & 255]
          : [length];
    const head = Buffer.from([final | opcode, ...size]);
    if (!isMasked) return Buffer.concat([head, payload]);
    head[1]! |= 0x80;
    return Buffer.concat([head, mask, Buffer.from(payload.map((byte, i) => byte ^ mask[i & 3]!))]);
  };
  const pair = () => {
    const [up, down] = [new PassThrough(), new PassThrough()];
    const sent: Buffer[] = [];
    down.on('data', (chunk: Buffer) => sent.push(chunk));
    return { up, sent, socket: new WebSocketBytes(Duplex.from({ readable: up, writable: down })) };
  };

  it('gives what frames carry, however they are cut', async () => {
    const payload = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 255));
    const bytes = Buffer.concat([
      frame(2, payload.subarray(0, 5)),
      frame(2, payload.subarray(5, 400), { final: 0 }),
      frame(0, payload.subarray(400)),
    ]);
    for (const step of [1, 7, 1_000, bytes.length]) {
      const { up, socket } = pair();
      const got: Buffer[] = [];
      let size = 0;
      socket.on('data', (chunk: Buffer) => (got.push(chunk), (size += chunk.length)));
      for (let at = 0; at < bytes.length; at += step) up.write(bytes.subarray(at, at + step));
      assert.ok(await until(() => size === payload.length, WAIT), `in steps of ${step}: ${size}`);
      assert.ok(Buffer.concat(got).equals(payload));
      socket.destroy();
    }
  });

  it('writes frames without a mask, answers pings, and closes when it is asked to', async () => {
    const { up, sent, socket } = pair();
    socket.resume();
    socket.write(Buffer.from('abc'));
    up.write(frame(9, Buffer.from('x')));
    const expected = Buffer.concat([
      frame(2, Buffer.from('abc'), { isMasked: false }),
      frame(10, Buffer.from('x'), { isMasked: false }),
    ]);
    assert.ok(await until(() => Buffer.concat(sent).equals(expected), WAIT));
    up.write(frame(8, Buffer.from([3, 0xe8])));
    assert.ok(await until(() => socket.destroyed, WAIT));
    assert.equal(Buffer.concat(sent).at(expected.length), 0x88);
  });

  it('ends where a frame breaks the rules', async () => {
    for (const bytes of [
      frame(2, Buffer.from('a'), { isMasked: false }),
      frame(1, Buffer.from('text')),
      frame(9, Buffer.alloc(200)),
      frame(3, Buffer.alloc(0)),
    ]) {
      const { up, socket } = pair();
      up.write(bytes);
      assert.ok(await until(() => socket.destroyed, WAIT), bytes.toString('hex').slice(0, 20));
    }
  });
});
