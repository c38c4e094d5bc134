/** What the parts and pieces of a request are called, and how they look. */
import type { CutQuality, LatencyPart, SpanLabel } from '@/core/latency'
import { SPAN_PARTS } from '@/core/latency'
import type { PartMeans } from '@/core/latency-view'

export interface Part {
  key: keyof PartMeans
  part: LatencyPart
  label: string
  colour: string
  about: string
}

/** In the order in which they are stacked, from below. */
export const PARTS: readonly Part[] = [
  {
    key: 'networkMs',
    part: 'network',
    label: 'Network',
    colour: 'var(--part-network)',
    about: 'connecting, sending, on the wire, receiving',
  },
  {
    key: 'processingMs',
    part: 'processing',
    label: 'Processing',
    colour: 'var(--part-processing)',
    about: 'work of the services, as they report it, and of who calls them',
  },
  {
    key: 'queueMs',
    part: 'queue',
    label: 'Queue',
    colour: 'var(--part-queue)',
    about: 'waiting: for admission, a connection, the next try, the service’s own queue',
  },
  {
    key: 'unattributedMs',
    part: 'unattributed',
    label: 'Inseparable',
    colour: 'var(--part-unattributed)',
    about: 'in services that do not report, or that never answered',
  },
]

export const partOf = (label: SpanLabel): Part => PARTS.find((p) => p.part === SPAN_PARTS[label]) as Part

export const SPAN_WORDS: Record<SpanLabel, string> = {
  admission: 'waiting for admission',
  backoff: 'waiting to try again',
  own: 'the caller’s own work',
  pool: 'waiting for a connection',
  connect: 'connecting',
  send: 'sending',
  wire: 'on the wire',
  'upstream-queue': 'in the service’s queue',
  'upstream-app': 'the service’s work',
  'gateway-queue': 'in a gateway’s queue',
  'gateway-app': 'a gateway’s work',
  inseparable: 'in a service that does not report',
  unanswered: 'waiting for an answer that never came',
  receive: 'receiving',
  deliver: 'handing on',
}

export const QUALITY_WORDS: Record<CutQuality, { label: string; about: string }> = {
  measured: { label: 'Measured', about: 'every service on the way told its part' },
  partial: { label: 'Partial', about: 'a service did not report or never answered: its part is inseparable' },
  estimated: { label: 'Estimated', about: 'the network’s share is taken from the shortest connect' },
}
