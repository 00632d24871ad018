import { TextDecoder } from 'node:util';
import { invalidInput } from '../../lib/errors';

/** Bytes as they come, which are UTF-8; where a byte order mark says that they are UTF-16, made UTF-8, as by kubectl. */
export class Utf8Bytes {
  private decoder: TextDecoder | 'none' | undefined;
  private first: Uint8Array = new Uint8Array();

  /** @param where names the text in an error */
  constructor(private readonly where: string) {}

  /** @throws TestbedError (`invalid-input`) for half of a surrogate pair */
  push(bytes: Uint8Array): Uint8Array {
    if (this.decoder === undefined) {
      this.first = Buffer.concat([this.first, bytes]);
      if (this.first.length < 2) return new Uint8Array();
      bytes = this.first;
      this.decoder = decoderOf(bytes);
    }
    return this.decoder === 'none' ? bytes : this.decoded(this.decoder, bytes);
  }

  /** What is left at the end. */
  end(): Uint8Array {
    if (this.decoder === undefined) return this.first;
    return this.decoder === 'none' ? new Uint8Array() : this.decoded(this.decoder);
  }

  private decoded(decoder: TextDecoder, bytes?: Uint8Array): Uint8Array {
    try {
      return Buffer.from(decoder.decode(bytes, { stream: bytes !== undefined }));
    } catch {
      throw invalidInput(`${this.where} is UTF-16 that is not valid: convert it to UTF-8`);
    }
  }
}

/** All bytes of a text at once. */
export function toUtf8(bytes: Uint8Array, where: string): Uint8Array {
  const utf8 = new Utf8Bytes(where);
  return Buffer.concat([utf8.push(bytes), utf8.end()]);
}

function decoderOf([first, second]: Uint8Array): TextDecoder | 'none' {
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { fatal: true });
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be', { fatal: true });
  return 'none';
}
