/** Whether what a page was asked for is not there, or cannot be the name of anything. */
export function isMissing(error: unknown): boolean {
  const code =
    (error as { cause?: { code?: unknown } } | null)?.cause?.code ?? (error as { code?: unknown } | null)?.code
  return code === 'NOT_FOUND' || code === 'VALIDATION' || code === 'BAD_REQUEST'
}
