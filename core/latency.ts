export interface AttemptMarks {
  createdMs: number
  connectMs: number
  headersSentMs: number | null
  bodySentMs: number | null
  headersMs: number | null
  endMs: number
  appMs: number | null
  queueMs: number | null
  status: number | null
  instance: string | null
}
export interface RequestMarks {
  startMs: number
  endMs: number
  admissionMs: number
  backoffMs: number
  attempts: AttemptMarks[]
  firstByteMs: number | null
}
export interface LatencyCut {
  totalMs: number
  networkMs: number
  processingMs: number
  queueMs: number
  unattributedMs: number
  quality: 'measured' | 'partial' | 'estimated'
  clamped: boolean
}
export function cutLatency(marks: RequestMarks, _connectFloorMs: number | null): LatencyCut {
  const totalMs = marks.endMs - marks.startMs
  return { totalMs, networkMs: totalMs, processingMs: 0, queueMs: 0, unattributedMs: 0, quality: 'partial', clamped: false }
}
