/** The middlewares that come with the gateway: what they are told, in the terms of core/gateway/fields.ts. */
import type { Field } from './fields.ts'

export interface MiddlewareSpec {
  name: string
  title: string
  /** one sentence: what it does to a request */
  help: string
  fields: readonly Field[]
  /** may stand in a chain more than once */
  repeatable?: boolean
  /** the service that told of it; absent: built in */
  from?: string
}

const HEADER = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$"
const ORIGIN = '^(\\*|https?://[A-Za-z0-9.\\-\\[\\]:]+)$'
const WORD = '^[A-Za-z0-9._-]{1,64}$'

const share: Field = {
  name: 'share',
  title: 'Share of requests',
  help: '1: all of them',
  kind: 'number',
  default: 1,
  min: 0,
  max: 1,
}

/** In the order in which a new chain has them. */
export const BUILT_IN_MIDDLEWARE: readonly MiddlewareSpec[] = [
  {
    name: 'request-id',
    title: 'Request id',
    help: 'Gives each request an id that goes to the service, to the log and back to the client.',
    fields: [
      {
        name: 'header',
        title: 'Header',
        help: '',
        kind: 'text',
        default: 'x-request-id',
        lengthMax: 128,
        pattern: HEADER,
      },
      {
        name: 'trust',
        title: 'Keep the id a client sends',
        help: 'Up to 128 letters, digits and "-._"; another is replaced.',
        kind: 'boolean',
        default: false,
      },
    ],
  },
  {
    name: 'access-log',
    title: 'Access log',
    help: 'Shows requests in the live log, with the latency of each cut into network, processing and queue.',
    fields: [
      share,
      {
        name: 'failures',
        title: 'Always those that failed',
        help: 'Whatever the share',
        kind: 'boolean',
        default: true,
      },
    ],
  },
  {
    name: 'cors',
    title: 'CORS',
    help: 'Answers preflight requests and lets pages of other origins read the answers.',
    fields: [
      {
        name: 'origins',
        title: 'Origins',
        help: '"*" for any, without credentials',
        kind: 'list',
        default: [],
        itemsMax: 50,
        lengthMax: 256,
        pattern: ORIGIN,
        required: true,
      },
      {
        name: 'methods',
        title: 'Methods',
        help: '',
        kind: 'list',
        default: ['GET', 'HEAD', 'POST'],
        itemsMax: 20,
        lengthMax: 20,
        pattern: '^[A-Z]{1,20}$',
      },
      {
        name: 'headers',
        title: 'Request headers',
        help: 'that a page may set',
        kind: 'list',
        default: ['content-type'],
        itemsMax: 50,
        lengthMax: 128,
        pattern: HEADER,
      },
      {
        name: 'exposed',
        title: 'Response headers',
        help: 'that a page may read',
        kind: 'list',
        default: [],
        itemsMax: 50,
        lengthMax: 128,
        pattern: HEADER,
      },
      { name: 'credentials', title: 'With credentials', help: '', kind: 'boolean', default: false },
      {
        name: 'maxAgeS',
        title: 'Preflight kept for',
        help: '',
        unit: 's',
        kind: 'integer',
        default: 600,
        min: 0,
        max: 86_400,
      },
    ],
  },
  {
    name: 'api-key',
    title: 'API key',
    help: 'Lets nobody pass who does not send one of the keys; the service learns its name, not the key.',
    fields: [
      {
        name: 'header',
        title: 'Header',
        help: 'that carries the key',
        kind: 'text',
        default: 'x-api-key',
        lengthMax: 128,
        pattern: HEADER,
      },
      {
        name: 'keys',
        title: 'Keys',
        help: 'a name and a key of at least 16 characters each; kept as a hash',
        kind: 'keys',
        default: [],
        itemsMax: 200,
        required: true,
      },
      {
        name: 'nameHeader',
        title: 'Header for the name',
        help: 'told to the service; whatever a client sends in it is removed',
        kind: 'text',
        default: 'x-api-key-name',
        lengthMax: 128,
        pattern: HEADER,
      },
    ],
  },
  {
    name: 'jwt',
    title: 'JWT',
    help: 'Lets nobody pass without a valid signed token; its subject is told to the service.',
    fields: [
      {
        name: 'jwksUrl',
        title: 'Key set (JWKS)',
        help: 'where the public keys are',
        kind: 'text',
        default: '',
        lengthMax: 2_000,
        pattern: '^https?://[^\\s]+$',
        required: true,
      },
      { name: 'issuer', title: 'Issuer', help: 'empty: any', kind: 'text', default: '', lengthMax: 500 },
      { name: 'audience', title: 'Audience', help: 'empty: any', kind: 'text', default: '', lengthMax: 500 },
      {
        name: 'algorithms',
        title: 'Algorithms',
        help: '',
        kind: 'list',
        default: ['RS256', 'ES256', 'EdDSA'],
        itemsMax: 10,
        lengthMax: 10,
        pattern: '^(RS|PS|ES)(256|384|512)$|^EdDSA$',
        required: false,
      },
      {
        name: 'leewayS',
        title: 'Clocks may differ by',
        help: '',
        unit: 's',
        kind: 'integer',
        default: 5,
        min: 0,
        max: 300,
      },
      {
        name: 'subjectHeader',
        title: 'Header for the subject',
        help: 'told to the service; whatever a client sends in it is removed',
        kind: 'text',
        default: 'x-jwt-subject',
        lengthMax: 128,
        pattern: HEADER,
      },
    ],
  },
  {
    name: 'rate-limit',
    title: 'Rate limit',
    help: 'Lets so many requests pass in a time, each client by itself; the others hear 429 and when to come back.',
    repeatable: true,
    fields: [
      { name: 'requests', title: 'Requests', help: '', kind: 'integer', default: 100, min: 1, max: 1_000_000 },
      { name: 'perMs', title: 'in', help: '', unit: 'ms', kind: 'integer', default: 1_000, min: 10, max: 86_400_000 },
      {
        name: 'burst',
        title: 'Burst',
        help: 'at once, after a quiet time; empty: as many as Requests',
        kind: 'integer',
        default: null,
        min: 1,
        max: 1_000_000,
      },
      {
        name: 'by',
        title: 'Counted by',
        help: '',
        kind: 'choice',
        default: 'client',
        choices: [
          { value: 'client', title: 'client address' },
          { value: 'header', title: 'a header' },
          { value: 'route', title: 'the whole route' },
        ],
      },
      {
        name: 'header',
        title: 'Header',
        help: 'when counted by a header',
        kind: 'text',
        default: 'x-api-key-name',
        lengthMax: 128,
        pattern: HEADER,
      },
    ],
  },
  {
    name: 'concurrency',
    title: 'Concurrency limit',
    help: 'Lets so many requests be under way at a time; a bounded queue waits its turn, the rest hear 503.',
    fields: [
      {
        name: 'inFlightMax',
        title: 'At a time',
        help: 'for each worker',
        kind: 'integer',
        default: 100,
        min: 1,
        max: 100_000,
      },
      { name: 'queueMax', title: 'Waiting', help: '', kind: 'integer', default: 100, min: 0, max: 100_000 },
      {
        name: 'waitMs',
        title: 'for at most',
        help: '',
        unit: 'ms',
        kind: 'integer',
        default: 1_000,
        min: 1,
        max: 60_000,
      },
    ],
  },
  {
    name: 'timeout',
    title: 'Timeout',
    help: 'Ends a request that has no answer in time with 504; for an answer that is coming, see Silence.',
    fields: [
      {
        name: 'ms',
        title: 'Answer within',
        help: 'retries and waits included',
        unit: 'ms',
        kind: 'integer',
        default: 15_000,
        min: 1,
        max: 3_600_000,
      },
      {
        name: 'idleMs',
        title: 'Silence',
        help: 'longest pause while an answer is coming',
        unit: 'ms',
        kind: 'integer',
        default: 60_000,
        min: 100,
        max: 3_600_000,
      },
    ],
  },
  {
    name: 'cache',
    title: 'Cache',
    help: 'Keeps answers that their headers allow to be kept (RFC 9111), in memory, up to a size.',
    fields: [
      {
        name: 'bytesMax',
        title: 'Size',
        help: 'for each worker',
        unit: 'bytes',
        kind: 'integer',
        default: 16_777_216,
        min: 65_536,
        max: 1_073_741_824,
      },
      {
        name: 'entryBytesMax',
        title: 'Largest answer',
        help: '',
        unit: 'bytes',
        kind: 'integer',
        default: 1_048_576,
        min: 1_024,
        max: 16_777_216,
      },
    ],
  },
  {
    name: 'compression',
    title: 'Compression',
    help: 'Compresses text answers for clients that take it, unless the service already has.',
    fields: [
      {
        name: 'bytesMin',
        title: 'From',
        help: 'smaller ones go as they are',
        unit: 'bytes',
        kind: 'integer',
        default: 1_024,
        min: 0,
        max: 1_048_576,
      },
      { name: 'brotli', title: 'Brotli', help: 'smaller than gzip, for more work', kind: 'boolean', default: false },
    ],
  },
  {
    name: 'headers',
    title: 'Headers',
    help: 'Sets and removes headers, on the way in and on the way out.',
    repeatable: true,
    fields: [
      {
        name: 'setRequest',
        title: 'Set on the request',
        help: '',
        kind: 'pairs',
        default: [],
        itemsMax: 50,
        pattern: HEADER,
      },
      {
        name: 'removeRequest',
        title: 'Remove from the request',
        help: '',
        kind: 'list',
        default: [],
        itemsMax: 50,
        lengthMax: 128,
        pattern: HEADER,
      },
      {
        name: 'setResponse',
        title: 'Set on the answer',
        help: '',
        kind: 'pairs',
        default: [],
        itemsMax: 50,
        pattern: HEADER,
      },
      {
        name: 'removeResponse',
        title: 'Remove from the answer',
        help: '',
        kind: 'list',
        default: [],
        itemsMax: 50,
        lengthMax: 128,
        pattern: HEADER,
      },
    ],
  },
  {
    name: 'body-limit',
    title: 'Body limit',
    help: 'Refuses requests whose body is longer, before the service has seen all of it.',
    fields: [
      {
        name: 'bytesMax',
        title: 'At most',
        help: '',
        unit: 'bytes',
        kind: 'integer',
        default: 1_073_741_824,
        min: 0,
        max: 1_099_511_627_776,
      },
    ],
  },
  {
    name: 'mirror',
    title: 'Mirror',
    help: 'Sends a copy to another service and drops what it answers. Bodies over 64 KiB are not copied.',
    fields: [
      {
        name: 'service',
        title: 'Service',
        help: '',
        kind: 'text',
        default: '',
        lengthMax: 100,
        pattern: '^[a-z0-9][a-z0-9._-]{0,99}$',
        required: true,
      },
      share,
    ],
  },
  {
    name: 'fault',
    title: 'Fault',
    help: 'Makes requests slow or fail on purpose, until a time.',
    fields: [
      share,
      { name: 'delayMs', title: 'Delay', help: '', unit: 'ms', kind: 'integer', default: 0, min: 0, max: 60_000 },
      {
        name: 'abortStatus',
        title: 'Answer with',
        help: 'empty: nothing is answered in the service’s place',
        unit: 'status',
        kind: 'integer',
        default: null,
        min: 400,
        max: 599,
      },
    ],
  },
  {
    name: 'retry',
    title: 'Retry',
    help: 'Tries again by a policy, where that is safe: nothing was sent, or the method may be repeated.',
    fields: [
      {
        name: 'policy',
        title: 'Policy',
        help: 'of the page Policies',
        kind: 'text',
        default: 'call',
        lengthMax: 100,
        pattern: WORD,
      },
      {
        name: 'statuses',
        title: 'Statuses',
        help: 'that are tried again',
        kind: 'list',
        default: ['502', '503', '504'],
        itemsMax: 20,
        lengthMax: 3,
        pattern: '^[45]\\d\\d$',
      },
    ],
  },
  {
    name: 'breaker',
    title: 'Breaker',
    help: 'Does not send what would fail: the breakers of the service and its instances, shared with the fleet.',
    fields: [],
  },
]

/** What a new route begins with. */
export const DEFAULT_CHAIN = ['request-id', 'access-log', 'timeout', 'retry', 'breaker'] as const

export function findMiddleware(name: string, others: readonly MiddlewareSpec[] = []): MiddlewareSpec | undefined {
  return BUILT_IN_MIDDLEWARE.find((spec) => spec.name === name) ?? others.find((spec) => spec.name === name)
}
