import { Keyboard } from 'lucide-react'
import { Button } from '../ui/button'
import { Kbd } from '../ui/kbd'
import { Popover } from '../ui/popover'
import { MarkLabel } from './glyph'
import { RUN_KEYS } from './use-run-keys'
import { DO_MARKS, type Mark, UNDO_MARKS } from './words'

/** What the marks of a run mean, and which keys move it. */
export function RunLegend() {
  return (
    <Popover
      label="Marks and keys of a run"
      trigger={
        <Button size="icon" variant="quiet" title="Marks and keys" aria-label="Marks and keys of a run">
          <Keyboard aria-hidden />
        </Button>
      }
      className="max-h-[min(36rem,80dvh)] w-[min(30rem,calc(100vw-2rem))] overflow-y-auto"
    >
      <div className="grid gap-4">
        <div className="grid grid-cols-2 gap-4">
          <Marks title="Do" marks={Object.values(DO_MARKS)} />
          <Marks title="Undo, opposite" marks={Object.values(UNDO_MARKS)} />
        </div>
        <p className="text-xs text-muted">
          A hexagon is what a person did or set: a breakpoint, a pause, a skip, an edited input, a forced or waived
          undo. A dashed number is the order of undo if the run failed now.
        </p>
        <dl className="grid gap-1">
          {RUN_KEYS.map(({ keys, does }) => (
            <div key={keys} className="grid grid-cols-[4rem_1fr] items-center">
              <dt className="flex gap-1">
                {keys.split(' ').map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dt>
              <dd className="text-muted">{does}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Popover>
  )
}

function Marks({ title, marks }: { title: string; marks: readonly Mark[] }) {
  return (
    <div>
      <p className="mb-1.5 text-xs font-medium text-muted">{title}</p>
      <ul className="grid gap-1">
        {marks.map((mark) => (
          <li key={mark.word}>
            <MarkLabel mark={mark} />
          </li>
        ))}
      </ul>
    </div>
  )
}
