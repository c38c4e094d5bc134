/** A moment as an axis names it: the time of day, the day where days are told apart, seconds where asked for. */
export function clock(at: number, spanMs = 0, seconds = false): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`
  return spanMs > 36 * 3_600_000 ? `${date.getMonth() + 1}/${date.getDate()} ${time}` : time
}
