export const RANGES = ['15m', '1h', '6h', '24h'] as const
export type Range = (typeof RANGES)[number]

export const RANGE_MS: Record<Range, number> = { '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000 }

export const RANGE_WORDS: Record<Range, string> = {
  '15m': 'the last 15 minutes',
  '1h': 'the last hour',
  '6h': 'the last 6 hours',
  '24h': 'the last 24 hours',
}

/** As many entries of the journal as one question may bring. */
export const HISTORY_LIMIT = 500
/** Of one instance, beside the page. */
export const ENTRIES_SHOWN = 30
