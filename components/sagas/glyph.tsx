import { cn } from '../ui/cn'
import { PARTS, type Shape, TONE_CLASS, type Tone } from './glyph-shapes'
import type { Mark } from './words'

/** A state's shape. With `label` it is read out, without it stands beside a word that is. */
export function Glyph(props: { shape: Shape; tone: Tone; size?: number; label?: string; className?: string }) {
  const { shape, tone, size = 16, label } = props
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      className={cn('shrink-0', TONE_CLASS[tone], props.className)}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <GlyphParts shape={shape} />
    </svg>
  )
}

/** The same inside another drawing, in a box of 16. */
export function GlyphParts({ shape }: { shape: Shape }) {
  return PARTS[shape].map((part) => (
    <path
      key={part.d}
      d={part.d}
      className={part.pulse ? 'animate-pulse' : undefined}
      fill={part.fill ? 'currentColor' : 'none'}
      stroke={part.cut ? 'var(--glyph-ground, var(--bg))' : 'currentColor'}
      strokeWidth={part.fill ? 0 : part.thin ? 1.2 : 1.5}
      strokeDasharray={part.dashed ? '1.6 2.02' : undefined}
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ))
}

/** Shape and word. */
export function MarkLabel({ mark, word, className }: { mark: Mark; word?: string; className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-1.5 whitespace-nowrap', TONE_CLASS[mark.tone], className)}>
      <Glyph shape={mark.shape} tone={mark.tone} size={14} />
      <span>{word ?? mark.word}</span>
    </span>
  )
}
