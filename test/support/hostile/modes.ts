/** What a hostile, broken or wrong server does instead of answering. */
import type { Socket } from 'node:net';
import type { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { HOST, honest, type Request, type Response } from './honest';

export type Command = 'apply' | 'diff' | 'prune' | 'status' | 'wait' | 'up' | 'run';

export interface Mode {
  /** What the server does. */
  readonly name: string;
  /** Which requests it does it to; the others are answered honestly. @default all */
  readonly to?: (request: Request) => boolean;
  readonly answer?: (request: Request, response: Response) => void;
  /** Speaks for itself on a connection, of HTTP/1.1 without TLS. */
  readonly socket?: (socket: Socket) => void;
  /** The same, where the client begins with TLS. */
  readonly secureSocket?: (socket: Socket) => void;
  /** Does something to each session of HTTP/2. */
  readonly session?: (session: ServerHttp2Session) => void;
  /** Whether what it does takes time where the machine has other work, and no deadline is to come first. */
  readonly isLarge?: boolean;
  /** @default apply, diff, prune, status, wait, up and run */
  readonly commands?: readonly Command[];
  /** What the one sentence says. */
  readonly says: RegExp;
  /** @default 5 */
  readonly code?: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

/** Writes a chunk again and again, as fast as it is read. @param times how often; for ever where it is not given */
function flood(response: Response, chunk: Buffer | string, times = Infinity, end = ''): void {
  const stream = response as ServerResponse;
  let left = times;
  const go = () => {
    while (left-- > 0) {
      if (stream.destroyed) return;
      if (!stream.write(chunk)) {
        stream.once('drain', go);
        return;
      }
    }
    stream.end(end);
  };
  go();
}

function drip(response: Response, text: string): void {
  const timer = setInterval(() => (response as ServerResponse).write(text), 100);
  response.on('close', () => clearInterval(timer));
}

const says =
  (status: number, body: string, headers: Record<string, string> = JSON_TYPE) =>
  (_request: Request, response: Response): void => {
    (response as ServerResponse).writeHead(status, headers);
    response.end(body);
  };
const json = (value: unknown) => says(200, JSON.stringify(value));
const begins = (then: (response: Response) => void) => (_request: Request, response: Response) => {
  (response as ServerResponse).writeHead(200, JSON_TYPE);
  then(response);
};
const isHosts = ({ url = '' }: Request) => url.includes('/baremetalhosts?');
const isWatch = ({ url = '' }: Request) => url.includes('watch=true');
const isHostList = (request: Request) => isHosts(request) && !isWatch(request);
const isMembers = ({ url = '' }: Request) => url.includes('labelSelector');
const isPatch = ({ method, url = '' }: Request) => method === 'PATCH' && url.includes('/configmaps/a-');
const isDiscovery = ({ url = '' }: Request) => url === '/api/v1' || url === '/apis/metal3.io/v1alpha1';
const LIST = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '1' } };
const READ: readonly Command[] = ['status', 'wait'];
const WRITE: readonly Command[] = ['apply', 'diff', 'prune'];
/** A list answers in the form that it was asked for. */
const listOf = (change: (body: Record<string, unknown>, request: Request) => unknown) => {
  return (request: Request, response: Response): void => {
    const [status, body] = honest(request);
    (response as ServerResponse).writeHead(status, JSON_TYPE);
    response.end(JSON.stringify(change(body as Record<string, unknown>, request)));
  };
};
let pages = 0;

/** The modes of an adversary who answers everything. */
const TO_ALL: readonly Mode[] = [
  {
    name: 'answers without an end',
    answer: begins((r) => flood(r, Buffer.alloc(MIB, 'x'))),
    isLarge: true,
    says: /has more than 8 MiB/,
  },
  { name: 'drips', answer: begins((r) => drip(r, ' ')), says: /was not complete \d+(\.\d+)? s after it began/ },
  {
    name: 'answers with 600 MiB of blanks',
    answer: begins((r) => flood(r, Buffer.alloc(MIB, ' '), 600, '{}')),
    isLarge: true,
    says: /has more than 8 MiB/,
  },
  { name: 'says nothing', answer: () => undefined, says: /does not answer \(ETIMEDOUT\)/ },
  {
    name: 'shows a login page',
    answer: says(200, '<html>login</html>', { 'content-type': 'text/html' }),
    says: /is not valid JSON/,
  },
  { name: 'answers null', answer: says(200, 'null'), says: /is not a Kubernetes object/ },
  { name: 'answers nothing with 200', answer: says(200, ''), says: /is empty/ },
  { name: 'answers with a list', answer: says(200, '[]'), says: /is not a Kubernetes object/ },
  {
    name: 'answers with a kind alone',
    answer: says(200, '{"kind":"X"}'),
    says: /is not of kind APIResourceList|has no apiVersion/,
  },
  {
    name: 'answers 200,000 levels deep',
    answer: says(200, `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`),
    isLarge: true,
    says: /is nested deeper than 1000 levels/,
  },
  { name: 'asks to come back in three years', answer: says(429, '', { 'retry-after': '99999999' }), says: /HTTP 429/ },
  {
    name: 'asks to come back in 1970',
    answer: says(429, '', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
    says: /HTTP 429/,
  },
  {
    name: 'is one list without an end',
    answer: json({ ...LIST, metadata: { continue: 'x', resourceVersion: '1', uid: 'u' }, items: [], resources: [] }),
    says: /is not of kind APIResourceList|is another object|is a List, and a|has no end/,
  },
  { name: 'leads in circles', answer: says(302, '', { location: '/' }), says: /with a redirect \(302\)/ },
  {
    name: 'says 401 in colour',
    answer: says(401, '{"message":"\\u001b[31mno\\u001b[2J"}'),
    says: /\\u001b\[31mno\\u001b\[2J/,
  },
  { name: 'says 500 at length', answer: says(500, 'x'.repeat(5e6)), says: /x{900,}…/ },
  {
    name: 'says 403 without an end',
    answer: (_, r) => ((r as ServerResponse).writeHead(403), flood(r, 'no '.repeat(10_000))),
    says: /no no no/,
  },
  {
    name: 'says 403 in drips',
    answer: (_, r) => ((r as ServerResponse).writeHead(403), drip(r, 'no')),
    says: /was not complete/,
  },
  {
    name: 'sends large headers',
    answer: says(200, '{}', { x: 'y'.repeat(200_000) }),
    says: /HTTP like an API server|cannot be reached/,
  },
  {
    name: 'refuses with causes that are none',
    answer: says(403, '{"details":{"causes":7},"message":{},"reason":[]}'),
    says: /refused/,
  },
  { name: 'refuses with null', answer: says(403, 'null'), says: /refused/ },
  {
    name: 'sends one number after the other',
    answer: begins((r) => flood(r, '[1,'.repeat(1_000))),
    isLarge: true,
    says: /has more than 8 MiB/,
  },
  {
    name: 'sends as much as it may, in empty maps',
    answer: says(200, `{"kind":"APIResourceList","resources":[${'{},'.repeat(2_790_000)}{}]}`),
    isLarge: true,
    says: /has more than 1000000 values/,
  },
  {
    name: 'claims to compress',
    answer: says(200, '\u001f\u008b\b', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    says: /is not valid JSON/,
  },
];

/** What is wrong only in one place, behind answers that are right. */
const IN_PLACES: readonly Mode[] = [
  {
    name: 'knows kinds with names that lead elsewhere',
    to: isDiscovery,
    answer: json({ kind: 'APIResourceList', resources: [{ name: '../../../x', kind: 'ConfigMap', namespaced: true }] }),
    commands: ['apply'],
    says: /is not of kind APIResourceList/,
  },
  {
    name: 'lists hosts for ever, under one place',
    to: isHostList,
    answer: listOf((body) => ({ ...body, metadata: { resourceVersion: '1', continue: 'x' } })),
    commands: READ,
    says: /has no end/,
  },
  {
    name: 'lists nothing for ever, under many places',
    to: isHostList,
    answer: listOf((body) => ({
      ...body,
      items: [],
      rows: [],
      metadata: { resourceVersion: '1', continue: `${pages++}` },
    })),
    commands: READ,
    says: /has no end/,
  },
  {
    name: 'lists new hosts for ever',
    to: isHostList,
    answer: listOf((body) => {
      const hosts = Array.from({ length: 5_000 }, (_, i) => {
        return {
          ...HOST,
          metadata: { ...HOST.metadata, name: `h-${pages}-${i}` },
          status: { errorMessage: `${pages} ${'e'.repeat(300)}` },
        };
      });
      const rows = hosts.map((object) => ({ cells: ['x'.repeat(250), 'inspecting'], object }));
      return {
        ...body,
        ...(body['kind'] === 'Table' ? { rows } : { items: hosts }),
        metadata: { resourceVersion: '1', continue: `${pages++}` },
      };
    }),
    commands: READ,
    isLarge: true,
    says: /more than 75000 baremetalhosts|more than 25165824 characters|has no end/,
  },
  {
    name: 'lists members that are none',
    to: isMembers,
    answer: listOf((body) => ({ ...body, items: [null, 7] })),
    commands: WRITE,
    says: /has items that are not objects/,
  },
  {
    name: 'lists members without an end',
    to: isMembers,
    answer: begins((r) => flood(r, Buffer.alloc(MIB, '['))),
    commands: WRITE,
    isLarge: true,
    says: /has more than 8 MiB/,
  },
  {
    name: 'lists hosts of the wrong kind',
    to: isHostList,
    answer: json({ ...LIST, kind: 'PodList', items: {} }),
    commands: READ,
    says: /is a PodList, and a Table|has no list of items/,
  },
  {
    name: 'says nothing of the version of a list',
    to: isHostList,
    answer: json({ ...LIST, metadata: {}, items: [] }),
    commands: ['wait'],
    says: /says nothing of its version/,
  },
  {
    name: 'says of hosts what none can be',
    to: isHostList,
    answer: json({ ...LIST, items: [{ ...HOST, status: { provisioning: 7, conditions: 'x' } }] }),
    commands: ['wait'],
    says: /says of default\/worker-1 what none/,
  },
  {
    name: 'sends an event without an end',
    to: isWatch,
    answer: begins((r) => flood(r, Buffer.alloc(MIB, 'x'))),
    commands: ['wait'],
    isLarge: true,
    says: /has a line of more than 8 MiB/,
  },
  {
    name: 'sends events that are none',
    to: isWatch,
    answer: says(200, '{"type":"ADDED","object":null}\n'),
    commands: ['wait'],
    says: /sent what is not an event/,
  },
  {
    name: 'sends a watch that is not valid JSON',
    to: isWatch,
    answer: says(200, '<html>\n</html>\n'),
    commands: ['wait'],
    says: /sent a line that is not valid JSON/,
  },
  {
    name: 'sends events in which versions are missing',
    to: isWatch,
    answer: says(200, `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a', namespace: 'b' } } })}\n`),
    commands: ['wait'],
    says: /sent what is not an object/,
  },
  {
    name: 'floods the watch with bookmarks',
    to: isWatch,
    answer: begins((r) => flood(r, '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n'.repeat(500))),
    commands: ['wait'],
    says: /hosts are available after \d/,
    code: 4,
  },
  {
    name: 'ends each watch at once',
    to: isWatch,
    answer: says(200, ''),
    commands: ['wait'],
    says: /hosts are available after \d/,
    code: 4,
  },
  {
    name: 'makes something else of what is applied',
    to: isPatch,
    answer: json({ kind: 'PartialObjectMetadata', apiVersion: 'v1', metadata: { name: 'another' } }),
    commands: ['apply'],
    says: /is another object/,
  },
  {
    name: 'answers what is applied without an end',
    to: isPatch,
    answer: begins((r) => flood(r, Buffer.alloc(MIB, ' '))),
    commands: ['apply'],
    isLarge: true,
    says: /has more than 8 MiB/,
  },
  {
    name: 'refuses what is applied in colour, and at length',
    to: isPatch,
    answer: says(
      422,
      JSON.stringify({ details: { causes: [{ field: '\u001b[31m', message: '\u009b2J\r'.repeat(9_000) }] } }),
    ),
    commands: ['apply'],
    says: /\\u001b\[31m: \\u009b2J\\r/,
  },
  {
    name: 'has forgotten every list',
    to: isHostList,
    answer: says(410, '{"message":"gone"}'),
    commands: READ,
    says: /gone/,
  },
];

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const once = (text: string) => (socket: Socket) => void socket.once('data', () => socket.write(text));
const again =
  (text: string, head = '') =>
  (socket: Socket) =>
    void socket.once('data', () => {
      socket.write(head);
      const go = () => {
        while (!socket.destroyed) if (!socket.write(text)) return void socket.once('drain', go);
      };
      go();
    });

/** What no HTTP server of a library would write. */
const ON_SOCKETS: readonly Mode[] = [
  {
    name: 'resets after the headers',
    socket: (s) => void s.once('data', () => s.write(`${HEAD}content-length: 9\r\n\r\n{`, () => s.resetAndDestroy())),
    says: /cannot be reached/,
  },
  { name: 'closes before an answer', socket: (s) => void s.once('data', () => s.destroy()), says: /cannot be reached/ },
  {
    name: 'sends less than it says',
    socket: (s) => void s.once('data', () => s.end(`${HEAD}content-length: 900\r\n\r\n{}`)),
    says: /cannot be reached|HTTP like an API server/,
  },
  {
    name: 'announces a terabyte',
    socket: once(`${HEAD}content-length: 1099511627776\r\n\r\n{`),
    isLarge: true,
    says: /has more than 8 MiB/,
  },
  {
    name: 'sends chunks that are none',
    socket: once(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`),
    says: /cannot be reached|HTTP like an API server/,
  },
  {
    name: 'sends chunks of one byte',
    socket: again('1\r\n \r\n'.repeat(10_000), `${HEAD}transfer-encoding: chunked\r\n\r\n`),
    says: /has more than 8 MiB|was not complete/,
  },
  {
    name: 'sends trailers without an end',
    socket: again('x: y\r\n'.repeat(1_000), `${HEAD}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n`),
    says: /HTTP like an API server|was not complete|cannot be reached|does not answer/,
  },
  {
    name: 'sends headers without an end',
    socket: again('x: y\r\n'.repeat(1_000), HEAD),
    says: /HTTP like an API server/,
  },
  {
    name: 'sends interim answers without an end',
    socket: again('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
    says: /does not answer|cannot be reached|HTTP like an API server/,
  },
  {
    name: 'changes to another protocol',
    socket: once('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    says: /cannot be reached|HTTP like an API server|does not answer/,
  },
  {
    name: 'speaks no HTTP',
    socket: (s) => void s.write('SSH-2.0-OpenSSH_9.9\r\n'),
    says: /HTTP like an API server|cannot be reached/,
  },
];

const LOST = /cannot be reached|does not answer|HTTP like an API server|was not complete/;
const eachStream = (then: (stream: ServerHttp2Stream) => void) => (session: ServerHttp2Session) =>
  void session.on('stream', (stream) => {
    stream.on('error', () => undefined);
    then(stream);
  });
const often = (then: (session: ServerHttp2Session) => void) => (session: ServerHttp2Session) => {
  const timer = setInterval(() => {
    for (let i = 0; i < 100 && !session.destroyed; i++) then(session);
  }, 5);
  session.on('close', () => clearInterval(timer));
};

/** What goes wrong below requests. */
const BELOW: readonly Mode[] = [
  { name: 'never ends the handshake of TLS', secureSocket: (s) => void s.resume(), says: LOST },
  {
    name: 'answers the handshake of TLS without an end',
    secureSocket: again('\u0016\u0003\u0003\u0040\u0000'.repeat(10_000)),
    says: LOST,
  },
  {
    name: 'speaks no TLS',
    secureSocket: once('HTTP/1.1 400 Bad Request\r\n\r\n'),
    says: /cannot be reached|speaks HTTP/,
  },
  { name: 'goes away at once', session: (s) => s.goaway(), says: LOST },
  {
    name: 'goes away at each request, and says nothing',
    answer: () => undefined,
    session: (s) => eachStream(() => s.goaway(constants.NGHTTP2_NO_ERROR, 0))(s),
    says: LOST,
  },
  { name: 'refuses each stream', session: eachStream((s) => s.close(constants.NGHTTP2_REFUSED_STREAM)), says: LOST },
  { name: 'resets each stream', session: eachStream((s) => s.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)), says: LOST },
  {
    name: 'pings without an end, and says nothing',
    answer: () => undefined,
    session: often((s) => void s.ping(() => undefined)),
    says: LOST,
  },
  {
    name: 'changes its settings without an end, and says nothing',
    answer: () => undefined,
    session: often((s) => s.settings({ maxConcurrentStreams: 100 })),
    says: LOST,
  },
];

export const MODES: readonly Mode[] = [...TO_ALL, ...IN_PLACES, ...ON_SOCKETS, ...BELOW];
