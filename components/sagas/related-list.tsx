import Link from 'next/link'
import type { RunSummary } from '@/core/saga/view'
import { Ago } from '../ui/ago'
import { MarkLabel } from './glyph'
import { RUN_MARKS, runHref } from './words'

/** Children or forks, with what they are at. */
export function RelatedList(props: {
  word: string
  runs: RunSummary[]
  stepOf: (run: RunSummary) => string | undefined
}) {
  return (
    <ul className="grid gap-1 text-sm">
      {props.runs.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-2">
          <MarkLabel mark={RUN_MARKS[one.status]} className="text-xs" />
          <Link href={runHref(one.id)} className="mono text-xs text-accent hover:underline" prefetch={false}>
            {one.id}
          </Link>
          <span className="text-xs text-muted">
            {props.word} {props.stepOf(one)}, <Ago at={one.startedAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}
