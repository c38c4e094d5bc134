/** Shapes of sagas' states in a box of 16; the language is that of components/ui/state.tsx, with more of its words. */

export type Shape =
  | 'dotted'
  | 'ring'
  | 'busy'
  | 'disc'
  | 'triangle'
  | 'diamond'
  | 'question'
  | 'clock'
  | 'slash'
  | 'dash'
  | 'none'
  | 'arrow'
  | 'arrow-disc'
  | 'hexagon'
  | 'hexagon-open'

export type Tone = 'healthy' | 'warning' | 'unhealthy' | 'unknown' | 'operator' | 'undo' | 'muted' | 'faint'

interface Part {
  d: string
  fill?: boolean
  /** cut out of what lies below */
  cut?: boolean
  dashed?: boolean
  thin?: boolean
  pulse?: boolean
}

const circle = (r: number) => `M8 ${8 - r}a${r} ${r} 0 1 1 0 ${2 * r}a${r} ${r} 0 0 1 0-${2 * r}Z`
const HEXAGON = 'M8 1.6 13.6 4.8v6.4L8 14.4 2.4 11.2V4.8Z'
const BACK = 'M7.1 5.2 5 7.3l2.1 2.1M5.2 7.3h3.6a1.9 1.9 0 0 1 0 3.8H7.4'

export const PARTS: Record<Shape, Part[]> = {
  dotted: [{ d: circle(4.6), dashed: true }],
  ring: [{ d: circle(4.9) }],
  busy: [{ d: circle(5.6) }, { d: circle(2.7), fill: true, pulse: true }],
  disc: [
    { d: circle(6), fill: true },
    { d: 'M5.3 8.2 7.2 10.1 10.8 6.2', cut: true },
  ],
  triangle: [{ d: 'M8 2 14.4 13.4H1.6Z', fill: true }],
  diamond: [
    { d: 'M8 1 15 8 8 15 1 8Z', fill: true },
    { d: 'M8 5v3.6M8 10.9v.1', cut: true },
  ],
  question: [{ d: circle(5.9), thin: true }, { d: 'M6.4 6.6a1.65 1.65 0 1 1 2.3 1.6c-.5.2-.7.5-.7 1M8 11.1v.05' }],
  clock: [{ d: circle(5.4) }, { d: 'M8 5.2V8l1.9 1.3' }],
  slash: [{ d: circle(4.6) }, { d: 'M4.8 11.2 11.2 4.8' }],
  dash: [{ d: 'M5.5 8h5' }],
  none: [],
  arrow: [{ d: circle(6), thin: true }, { d: BACK }],
  'arrow-disc': [
    { d: circle(6.4), fill: true },
    { d: BACK, cut: true },
  ],
  hexagon: [{ d: HEXAGON, fill: true }],
  'hexagon-open': [{ d: HEXAGON }],
}

export const TONE_CLASS: Record<Tone, string> = {
  healthy: 'text-healthy',
  warning: 'text-warning',
  unhealthy: 'text-unhealthy',
  unknown: 'text-unknown',
  operator: 'text-operator',
  undo: 'text-undo',
  muted: 'text-muted',
  faint: 'text-faint',
}

/** CSS colour of a tone, for drawings. */
export const toneColour = (tone: Tone): string => `var(--${tone})`
