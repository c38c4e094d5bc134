export interface LatencyCut {
  totalMs: number
  networkMs: number
  processingMs: number
  queueMs: number
  unattributedMs: number
  quality: 'measured' | 'partial' | 'estimated'
  clamped: boolean
}
