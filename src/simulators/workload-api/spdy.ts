/**
 * The server's side of SPDY/3.1, as far as port-forwards go: streams that the client opens, and no flow control, which
 * clients of Kubernetes do not have either. What is left of SPDY in this world is this use of it, so that no library is kept.
 */
import { Duplex } from 'node:stream';
import { createInflate } from 'node:zlib';

/** Headers that the other side has compressed refer to this text, which is a part of the protocol. */
const WORDS =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length content-location ' +
  'content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match ' +
  'if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range ' +
  'referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get ' +
  'status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin';
const TAIL =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative ' +
  'Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal ' +
  'Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, ' +
  'Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,' +
  'text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';
export const DICTIONARY = Buffer.concat([
  ...WORDS.split(' ').map((word) => text(word.replace('_', ' '))),
  Buffer.from(TAIL),
]);

const VERSION = 3;
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FIN = 1;
const REFUSED = 3;

const FRAME_HEAD = 8;
/** More than clients write at a time. */
const MOST_IN_FRAME = 1024 * 1024;
const MOST_HEADER_BYTES = 64 * 1024;
const MOST_STREAMS = 64;
const WRITTEN_AT_A_TIME = 64 * 1024;

export type Headers = ReadonlyMap<string, string>;

/** One stream. Its end and that of its connection are the same to its reader. */
export class SpdyStream extends Duplex {
  private onRead: (() => void) | undefined;

  constructor(
    private readonly connection: SpdyConnection,
    readonly id: number,
    readonly headers: Headers,
  ) {
    super({ allowHalfOpen: true });
    this.on('error', () => undefined);
  }

  /** Resolves once its reader takes more. @internal */
  receive(chunk: Buffer): Promise<void> | undefined {
    if (this.destroyed || this.push(chunk)) return undefined;
    return new Promise((resolve) => (this.onRead = resolve));
  }

  override _read(): void {
    this.onRead?.();
    this.onRead = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.connection.sendData(this.id, chunk, 0, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.connection.sendData(this.id, Buffer.alloc(0), FIN, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    this.connection.forget(this, !this.readableEnded || !this.writableFinished);
    done(error);
  }
}

/** One connection, on whatever carries its bytes. */
export class SpdyConnection {
  private readonly streams = new Map<number, SpdyStream>();
  private readonly inflate = createInflate({ dictionary: DICTIONARY, finishFlush: 2 });
  private inflated: Buffer[] = [];
  private inflatedBytes = 0;
  private hasReplied = false;

  /**
   * @param transport its bytes
   * @param onStream told of each stream that the client opens
   */
  constructor(
    private readonly transport: Duplex,
    private readonly onStream: (stream: SpdyStream) => void,
  ) {
    this.inflate.on('data', (chunk: Buffer) => {
      this.inflatedBytes += chunk.length;
      if (this.inflatedBytes > MOST_HEADER_BYTES) this.inflate.destroy(new Error('headers are too long'));
      else this.inflated.push(chunk);
    });
    this.inflate.on('error', () => this.end());
    transport.on('error', () => this.end());
    transport.on('close', () => this.end());
    void this.run()
      .catch(() => undefined)
      .finally(() => this.end());
  }

  /** Ends it and all its streams. */
  end(): void {
    for (const stream of this.streams.values()) stream.destroy();
    this.streams.clear();
    this.inflate.destroy();
    this.transport.destroy();
  }

  /** @internal */
  sendData(id: number, chunk: Buffer, flags: number, done: (error?: Error | null) => void): void {
    for (let at = 0; at < chunk.length - WRITTEN_AT_A_TIME; at += WRITTEN_AT_A_TIME)
      this.transport.write(frame(id, 0, chunk.subarray(at, at + WRITTEN_AT_A_TIME)));
    const rest = chunk.subarray(Math.max(0, Math.ceil(chunk.length / WRITTEN_AT_A_TIME) - 1) * WRITTEN_AT_A_TIME);
    this.transport.write(frame(id, flags, rest), done);
  }

  /** @internal */
  forget(stream: SpdyStream, isEarly: boolean): void {
    if (this.streams.get(stream.id) !== stream) return;
    this.streams.delete(stream.id);
    if (isEarly && !this.transport.destroyed) this.reset(stream.id, REFUSED);
  }

  private async run(): Promise<void> {
    let waiting: Buffer = Buffer.alloc(0);
    for await (const chunk of this.transport as AsyncIterable<Buffer>) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      while (waiting.length >= FRAME_HEAD) {
        const length = waiting.readUIntBE(5, 3);
        if (length > MOST_IN_FRAME) throw new Error('a frame is too long');
        if (waiting.length < FRAME_HEAD + length) break;
        const payload = waiting.subarray(FRAME_HEAD, FRAME_HEAD + length);
        if ((waiting[0]! & 0x80) === 0) await this.takeData(waiting.readUInt32BE(0), waiting[4]!, payload);
        else if ((waiting.readUInt16BE(0) & 0x7fff) !== VERSION) throw new Error('another version of SPDY');
        else await this.takeControl(waiting.readUInt16BE(2), waiting[4]!, payload);
        waiting = waiting.subarray(FRAME_HEAD + length);
      }
    }
  }

  private async takeData(id: number, flags: number, payload: Buffer): Promise<void> {
    const stream = this.streams.get(id);
    // What was under way when a stream has ended here.
    if (stream === undefined) return;
    if (payload.length > 0) await stream.receive(Buffer.from(payload));
    if ((flags & FIN) !== 0) stream.push(null);
  }

  private async takeControl(type: number, flags: number, payload: Buffer): Promise<void> {
    if (type === SYN_STREAM) {
      const id = payload.readUInt32BE(0) & 0x7fffffff;
      const headers = headersOf(await this.inflateBlock(payload.subarray(10)));
      if (this.streams.has(id) || this.streams.size >= MOST_STREAMS) return this.reset(id, REFUSED);
      const stream = new SpdyStream(this, id, headers);
      this.streams.set(id, stream);
      this.reply(id);
      if ((flags & FIN) !== 0) stream.push(null);
      this.onStream(stream);
    } else if (type === RST_STREAM) {
      const stream = this.streams.get(payload.readUInt32BE(0) & 0x7fffffff);
      if (stream === undefined) return;
      this.streams.delete(stream.id);
      stream.destroy();
    } else if (type === PING) this.transport.write(control(PING, payload));
    else if (type === GOAWAY) return;
    // Settings and windows mean nothing here; headers that follow later would have to be unpacked with the others.
    else if (type === 8) await this.inflateBlock(payload.subarray(4));
  }

  private async inflateBlock(block: Buffer): Promise<Buffer> {
    this.inflated = [];
    this.inflatedBytes = 0;
    await new Promise<void>((resolve, reject) => {
      const onClose = () => reject(new Error('the headers cannot be read'));
      this.inflate.once('close', onClose);
      this.inflate.write(block, (error) => {
        this.inflate.off('close', onClose);
        if (error) reject(error);
        else resolve();
      });
    });
    return Buffer.concat(this.inflated);
  }

  /**
   * No headers, in a block of deflate that is not compressed, and an empty one, at which the other side stops to read. The
   * first ones begin the stream of zlib.
   */
  private reply(id: number): void {
    const headers = Buffer.from([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
    const begin = this.hasReplied ? [] : [Buffer.from([0x78, 0x01])];
    this.hasReplied = true;
    this.transport.write(control(SYN_REPLY, Buffer.concat([number(id), ...begin, headers])));
  }

  private reset(id: number, status: number): void {
    this.transport.write(control(RST_STREAM, Buffer.concat([number(id), number(status)])));
  }
}

function frame(id: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32BE(id);
  head.writeUInt32BE(payload.length, 4);
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

function control(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt16BE(0x8000 | VERSION);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([number(value.length), Buffer.from(value)]);
}

function headersOf(block: Buffer): Headers {
  let at = 0;
  const next = () => {
    const value = block.readUInt32BE(at);
    at += 4;
    return value;
  };
  const headers = new Map<string, string>();
  const count = next();
  const read = () => {
    const length = next();
    if (at + length > block.length) throw new Error('headers are cut short');
    return block.toString('latin1', at, (at += length));
  };
  // Each takes eight bytes at least, so that the block bounds them.
  for (let i = 0; i < count; i++) headers.set(read().toLowerCase(), read());
  return headers;
}
