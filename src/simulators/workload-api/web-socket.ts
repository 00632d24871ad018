/**
 * A WebSocket that carries a stream of bytes: where its messages begin and end means nothing, so that no message is ever
 * held. It is the server's side, which Node.js does not have.
 */
import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FINAL = 0x80;
const MASKED = 0x80;
const MOST_IN_CONTROL = 125;

/** What accepts a key that a client has given. @param key header `Sec-WebSocket-Key` */
export function acceptKey(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

export class WebSocketBytes extends Duplex {
  /** What has come of a frame's head. */
  private head: Buffer = Buffer.alloc(0);
  private left = 0;
  private mask: Buffer = Buffer.alloc(4);
  private at = 0;
  private opcode = 0;
  private control: Buffer[] = [];

  /** @param socket after the answer to its upgrade */
  constructor(private readonly socket: Duplex) {
    super({ allowHalfOpen: false });
    this.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
    socket.on('error', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(framed(BINARY, chunk), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(framed(CLOSE, Buffer.from([0x03, 0xe8])), () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  /** What came with the request that was upgraded. */
  begin(chunk: Buffer): void {
    this.receive(chunk);
  }

  private receive(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && !this.destroyed) {
      if (this.left === 0) rest = this.takeHead(rest);
      else {
        const part = rest.subarray(0, this.left);
        rest = rest.subarray(part.length);
        this.left -= part.length;
        this.takePayload(part);
      }
    }
  }

  /** @returns what is left of a chunk */
  private takeHead(chunk: Buffer): Buffer {
    const before = this.head.length;
    const head = Buffer.concat([this.head, chunk.subarray(0, 14 - before)]);
    // Clients mask what they send; the head of a frame without a mask would be shorter.
    if (head.length >= 2 && (head[1]! & MASKED) === 0) {
      this.destroy();
      return Buffer.alloc(0);
    }
    const length = headLength(head);
    if (length === undefined || head.length < length) {
      this.head = head;
      return chunk.subarray(14 - before);
    }
    this.head = Buffer.alloc(0);
    const short = head[1]! & 0x7f;
    this.left = short === 127 ? Number(head.readBigUInt64BE(2)) : short === 126 ? head.readUInt16BE(2) : short;
    this.opcode = head[0]! & 0x0f;
    this.mask = Buffer.from(head.subarray(length - 4, length));
    this.at = 0;
    this.control = [];
    const isControl = this.opcode >= CLOSE;
    const isKnown = [CONTINUATION, BINARY, CLOSE, PING, PONG].includes(this.opcode) && (head[0]! & 0x70) === 0;
    if (!isKnown || (isControl && (this.left > MOST_IN_CONTROL || (head[0]! & FINAL) === 0))) {
      this.destroy();
      return Buffer.alloc(0);
    }
    if (this.left === 0 && isControl) this.takeControl();
    return chunk.subarray(length - before);
  }

  private takePayload(part: Buffer): void {
    const bytes = Buffer.alloc(part.length);
    for (let i = 0; i < part.length; i++) bytes[i] = part[i]! ^ this.mask[(this.at + i) & 3]!;
    this.at = (this.at + part.length) & 3;
    if (this.opcode < CLOSE) {
      if (!this.push(bytes)) this.socket.pause();
      return;
    }
    this.control.push(bytes);
    if (this.left === 0) this.takeControl();
  }

  private takeControl(): void {
    if (this.opcode === PING) this.socket.write(framed(PONG, Buffer.concat(this.control)));
    else if (this.opcode === CLOSE) {
      this.push(null);
      this.end();
    }
  }
}

/** How long the head of a frame with a mask is; undefined where not even that is known. */
function headLength(head: Buffer): number | undefined {
  if (head.length < 2) return undefined;
  const short = head[1]! & 0x7f;
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + 4;
}

function framed(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length > 65_535 ? 10 : length > 125 ? 4 : 2);
  head[0] = FINAL | opcode;
  head[1] = length > 65_535 ? 127 : length > 125 ? 126 : length;
  if (length > 65_535) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length > 125) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}
