/**
 * The etcd of a workload cluster, as far as Cluster API's control-plane manager asks: five gRPC calls. Its members follow the
 * control-plane nodes.
 */
import { createHash } from 'node:crypto';
import { constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { withoutUndefined } from '../../../lib/without-undefined';
import type { ServerIdentity } from './server-identity';
import { decode, encode, ProtobufError, type Field, type Fields } from './protobuf';

const message = (fields: Fields): Field => ({ message: () => fields });

const HEADER: Fields = {
  1: ['clusterId', 'uint64'],
  2: ['memberId', 'uint64'],
  3: ['revision', 'int'],
  4: ['raftTerm', 'uint64'],
};
const MEMBER: Fields = {
  1: ['id', 'uint64'],
  2: ['name', 'string'],
  3: ['peerUrls', { repeated: 'string' }],
  4: ['clientUrls', { repeated: 'string' }],
};
const header = { 1: ['header', message(HEADER)] } as const satisfies Fields;
const ALARM: Fields = { 1: ['memberId', 'uint64'], 2: ['alarm', 'int'] };
const ALARMS: Fields = { ...header, 2: ['alarms', { repeated: message(ALARM) }] };
const MEMBERS: Fields = { ...header, 2: ['members', { repeated: message(MEMBER) }] };
const STATUS: Fields = {
  ...header,
  2: ['version', 'string'],
  3: ['dbSize', 'int'],
  4: ['leader', 'uint64'],
  5: ['raftIndex', 'uint64'],
  6: ['raftTerm', 'uint64'],
  7: ['raftAppliedIndex', 'uint64'],
  8: ['errors', { repeated: 'string' }],
  9: ['dbSizeInUse', 'int'],
};
const OF_MEMBER: Fields = { 1: ['id', 'uint64'] };

const STATUS_PATH = '/etcdserverpb.Maintenance/Status';
/** A request has a number or two. */
const MOST_REQUEST_BYTES = 4_096;
const TERM = 2n;

/** gRPC's codes. */
const OK = 0;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

/** The alarm of a member whose disk is full. */
const NO_SPACE = 1;
const NO_LEADER = 'etcdserver: no leader';

class GrpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** One member. */
export interface EtcdMember {
  /** Of its node. */
  readonly name: string;
  readonly address: string;
}

/** What may be wrong with an etcd: a member that has an alarm, or no leader. */
export type EtcdFault = 'memberUnhealthy' | 'noQuorum';

/** The members of one etcd, and which of them leads. */
export class EtcdMembers {
  private readonly removed = new Set<bigint>();
  private leader = 0n;
  private fault: EtcdFault | undefined;
  private onStruck: () => void = () => undefined;

  /** @param seed the uid of the cluster */
  constructor(
    private readonly seed: string,
    private readonly nodes: () => readonly EtcdMember[],
  ) {}

  get clusterId(): bigint {
    return idOf(this.seed);
  }

  list(): readonly (EtcdMember & { readonly id: bigint })[] {
    const all = this.nodes().map((node) => ({ ...node, id: idOf(`${this.seed} ${node.name}`) }));
    // A name that has gone may come back as another machine.
    for (const id of this.removed) if (!all.some((each) => each.id === id)) this.removed.delete(id);
    return all.filter(({ id }) => !this.removed.has(id));
  }

  /** @returns 0 where there is no member */
  get leaderId(): bigint {
    const members = this.list();
    if (!members.some(({ id }) => id === this.leader)) this.leader = members[0]?.id ?? 0n;
    return this.leader;
  }

  /** @param onStruck is told of each answer that says so */
  break(fault: EtcdFault | undefined, onStruck: () => void): void {
    this.fault = fault;
    this.onStruck = onStruck;
  }

  /** The one that has an alarm: not the one that leads, where there are others. */
  private get unhealthy(): bigint | undefined {
    return this.fault === 'memberUnhealthy' ? this.list().at(-1)?.id : undefined;
  }

  /** Answers one call. @param node the name of the one that is asked */
  answer(path: string, request: Buffer, node: string): Buffer {
    const members = this.list();
    const self = idOf(`${this.seed} ${node}`);
    const answered = { clusterId: this.clusterId, memberId: self, revision: 1, raftTerm: TERM };
    if (this.fault !== undefined) this.onStruck();
    const hasLeader = this.fault !== 'noQuorum';
    // What a member knows by itself it tells all the same.
    if (!hasLeader && path !== STATUS_PATH) throw new GrpcError(UNAVAILABLE, NO_LEADER);
    const { unhealthy } = this;
    switch (path) {
      case STATUS_PATH:
        return encode(STATUS, {
          header: answered,
          version: '3.6.4',
          dbSize: 20_480,
          dbSizeInUse: 20_480,
          leader: hasLeader ? this.leaderId : 0n,
          raftIndex: 100n,
          raftTerm: TERM,
          raftAppliedIndex: 100n,
          errors: [
            ...(hasLeader ? [] : [NO_LEADER]),
            ...(unhealthy === undefined ? [] : [`memberID:${unhealthy} alarm:NOSPACE `]),
          ],
        });
      case '/etcdserverpb.Maintenance/Alarm':
        return encode(ALARMS, {
          header: answered,
          alarms: unhealthy === undefined ? [] : [{ memberId: unhealthy, alarm: NO_SPACE }],
        });
      case '/etcdserverpb.Cluster/MemberList':
        return encode(MEMBERS, { header: answered, members: members.map(described) });
      case '/etcdserverpb.Cluster/MemberRemove': {
        const id = memberOf(request);
        if (!members.some((each) => each.id === id)) throw new GrpcError(NOT_FOUND, 'etcdserver: member not found');
        this.removed.add(id);
        return encode(MEMBERS, { header: answered, members: this.list().map(described) });
      }
      case '/etcdserverpb.Maintenance/MoveLeader': {
        const id = memberOf(request);
        if (this.leaderId !== self) throw new GrpcError(FAILED_PRECONDITION, 'etcdserver: not leader');
        if (!members.some((each) => each.id === id))
          throw new GrpcError(FAILED_PRECONDITION, 'etcdserver: bad leader transferee');
        this.leader = id;
        return encode(header, { header: answered });
      }
      default:
        throw new GrpcError(UNIMPLEMENTED, `the simulated etcd does not know ${path.slice(0, 100)}`);
    }
  }
}

function described({ id, name, address }: EtcdMember & { readonly id: bigint }): object {
  return { id, name, peerUrls: [`https://${address}:2380`], clientUrls: [`https://${address}:2379`] };
}

function memberOf(request: Buffer): bigint {
  return (decode(OF_MEMBER, request)['id'] as bigint | undefined) ?? 0n;
}

/** An id of 64 bits that follows from a text. */
function idOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64BE() | 1n;
}

/**
 * Serves one connection to the etcd of a node.
 *
 * @param identity the certificate of its server with its key, and the CA that its clients have theirs from
 */
export function serveEtcd(connection: Duplex, identity: ServerIdentity, members: EtcdMembers, node: string): void {
  const settings = { maxConcurrentStreams: 16 };
  const server = createSecureServer({ ...identity, requestCert: true, rejectUnauthorized: true, settings });
  server.on('stream', (stream, headers) => answerCall(stream, String(headers[':path']), members, node));
  server.on('sessionError', () => connection.destroy());
  server.on('tlsClientError', () => connection.destroy());
  server.on('session', (session) => session.on('close', () => connection.destroy()));
  server.emit('connection', connection);
}

function answerCall(stream: ServerHttp2Stream, path: string, members: EtcdMembers, node: string): void {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_REQUEST_BYTES) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else chunks.push(chunk);
  });
  stream.on('end', () => {
    if (stream.destroyed || stream.closed) return;
    let code = OK;
    let said = '';
    let answer: Buffer | undefined;
    try {
      answer = members.answer(path, payloadOf(Buffer.concat(chunks)), node);
    } catch (error) {
      if (!(error instanceof GrpcError) && !(error instanceof ProtobufError)) throw error;
      code = error instanceof GrpcError ? error.code : INVALID_ARGUMENT;
      said = error.message;
    }
    const message = said === '' ? undefined : encodeURI(said);
    const status = withoutUndefined({ 'grpc-status': String(code), 'grpc-message': message });
    const headers = { ':status': 200, 'content-type': 'application/grpc' };
    if (answer === undefined) return stream.respond({ ...headers, ...status }, { endStream: true });
    stream.on('wantTrailers', () => stream.sendTrailers(status));
    stream.respond(headers, { waitForTrailers: true });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(answer.length, 1);
    stream.end(Buffer.concat([prefix, answer]));
  });
}

/** @throws ProtobufError for what is not one whole message */
function payloadOf(body: Buffer): Buffer {
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5)
    throw new ProtobufError('the call has not one message');
  return body.subarray(5);
}
