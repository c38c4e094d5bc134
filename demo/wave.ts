/**
 * The shape of a shop's day: quiet at night, a hump at lunch, the peak in the evening. Pure, so that the chart, the
 * load generator and the tests draw the same curve.
 */

export interface Wave {
  /** how long a day of 24 hours takes, in milliseconds */
  dayMs: number
  /** hour of the day at which the demo starts, 0 to 24 */
  startHour: number
  /** requests per second in the dead of night */
  floorPerSec: number
  /** requests per second at the evening peak */
  peakPerSec: number
}

export const WAVE: Wave = { dayMs: 10 * 60_000, startHour: 9, floorPerSec: 5, peakPerSec: 36 }

interface Hump {
  hour: number
  /** relative to the evening peak */
  height: number
  /** standard deviation, in hours */
  width: number
}

const HUMPS: readonly Hump[] = [
  { hour: 9.5, height: 0.38, width: 1.6 },
  { hour: 12.75, height: 0.62, width: 1.3 },
  { hour: 16.5, height: 0.32, width: 1.8 },
  { hour: 20, height: 0.98, width: 1.7 },
]

/** Hour of the demo's day after `elapsedMs`, in [0, 24). */
export function hourAt(wave: Wave, elapsedMs: number): number {
  const hour = (wave.startHour + (elapsedMs / wave.dayMs) * 24) % 24
  return hour < 0 ? hour + 24 : hour
}

/** Demand at an hour of the day, 0 to 1. Hours wrap, so that the curve has no step at midnight. */
export function demandAt(hour: number): number {
  let sum = 0
  for (const hump of HUMPS) {
    const away = Math.abs(hour - hump.hour) % 24
    const distance = Math.min(away, 24 - away)
    sum += hump.height * Math.exp(-(distance * distance) / (2 * hump.width * hump.width))
  }
  return Math.min(1, sum)
}

/** Requests per second at `points` times of a day, evenly spread from midnight on, to one decimal. */
export function dayOf(wave: Wave, points: number): number[] {
  return Array.from({ length: points }, (_, i) => Math.round(rateAtHour(wave, (i * 24) / points) * 10) / 10)
}

function rateAtHour(wave: Wave, hour: number): number {
  return wave.floorPerSec + (wave.peakPerSec - wave.floorPerSec) * demandAt(hour)
}

/** Requests per second that the wave asks for after `elapsedMs`. */
export function rateAt(wave: Wave, elapsedMs: number): number {
  return rateAtHour(wave, hourAt(wave, elapsedMs))
}

/** Milliseconds to the next arrival of a Poisson stream of `ratePerSec`; Infinity when nobody comes. `random`: [0, 1). */
export function nextArrivalMs(ratePerSec: number, random: () => number): number {
  if (ratePerSec <= 0) return Number.POSITIVE_INFINITY
  return (-Math.log(1 - random()) / ratePerSec) * 1000
}
