/** Calls etcd over gRPC, and reads of its answers what tests look at. Written without what it tests. */
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';

/** What is in an answer: numbers as they are, texts and messages as bytes. */
type Message = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

function read(bytes: Buffer): Message {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the answer is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = varint();
    let value: bigint | Buffer = number;
    if ((tag & 7) === 2) value = bytes.subarray(at, (at += Number(number)));
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

/** @param method such as `Cluster/MemberList`. @param id the member that the call is about */
export async function callEtcd(session: ClientHttp2Session, method: string, id?: bigint) {
  const message: number[] = [];
  if (id !== undefined) {
    message.push(8);
    for (let left = id; ; left >>= 7n) {
      message.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
      if (left <= 0x7fn) break;
    }
  }
  const stream = session.request({
    ':method': 'POST',
    ':path': `/etcdserverpb.${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
  const chunks: Buffer[] = [];
  let status = '';
  stream.on('response', (headers) => (status = String(headers['grpc-status'] ?? '')));
  stream.on('trailers', (headers: Readonly<Record<string, string>>) => (status = headers['grpc-status'] ?? ''));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  const answer = read(Buffer.concat(chunks).subarray(5));
  // In answers of others it is something else.
  const listed = method.startsWith('Cluster') ? (answer.get(2) ?? []) : [];
  const members = listed.filter((each) => typeof each !== 'bigint').map(read);
  return {
    status,
    ids: members.map((member) => member.get(1)![0] as bigint),
    names: members.map((member) => String(member.get(2)![0])),
    leader: answer.get(4)?.[0] as bigint | undefined,
  };
}
