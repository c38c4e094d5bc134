import type { Exemplar } from '../../core/exemplar.ts'

export function exemplar(id: string, trace: string, totalMs: number, more: Partial<Exemplar> = {}): Exemplar {
  return {
    id,
    traceId: trace.padStart(32, '0'),
    parentId: null,
    at: 1_000,
    callee: 'payments',
    protocol: 'http',
    route: null,
    method: 'GET',
    path: '/charge',
    status: 200,
    error: null,
    failed: false,
    why: 'slow',
    cut: {
      ...{ totalMs, networkMs: totalMs, processingMs: 0, queueMs: 0, unattributedMs: 0, quality: 'measured' },
      ...{ clamped: false, firstByteMs: null, streamMs: 0 },
    },
    spans: [{ label: 'wire', startMs: 0, endMs: totalMs }],
    attempts: [],
    ...more,
  }
}
