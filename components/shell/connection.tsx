'use client'
import { History, Pause, Play } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { type Connection, useConnection, usePause } from '../live'
import { Button } from '../ui/button'
import { formatAge, formatCount } from '../ui/figure'
import { Popover } from '../ui/popover'
import { type State, StateGlyph } from '../ui/state'

const SHOWN: Record<Connection['status'], { word: string; state: State; means: string }> = {
  live: { word: 'Live', state: 'healthy', means: 'Every change is shown as it happens.' },
  paused: { word: 'Paused', state: 'operator', means: 'You hold what is shown; the fleet goes on.' },
  reconnecting: { word: 'Reconnecting', state: 'late', means: 'Nothing was heard for some seconds. Trying again.' },
  offline: { word: 'Offline', state: 'unknown', means: 'The control plane does not answer. Trying again.' },
}

/** Whether what is shown is now, and the control that holds it still. */
export function ConnectionControl() {
  const { status, paused, sinceMs, seq, now, waiting } = useConnection()
  const { pause, resume } = usePause()
  const { word, state, means } = SHOWN[status]
  const behind = status !== 'live'
  return (
    <div className="flex items-center">
      {/* Only the word is announced; ages change every second. */}
      <output className="sr-only">{word}</output>
      <Popover
        label="Connection to the control plane"
        className="w-72"
        trigger={
          <Button variant="quiet" className="gap-1.5 px-2 text-xs font-normal tabular-nums" title={means}>
            <StateGlyph state={state} size={9} className="size-[9px]" />
            <span className={behind ? 'font-medium text-text' : undefined}>{word}</span>
            {behind ? <span className="hidden sm:inline">{formatAge(sinceMs)} old</span> : null}
            {paused && waiting > 0 ? (
              <span className="hidden sm:inline">· {formatCount(waiting)} changes wait</span>
            ) : null}
          </Button>
        }
      >
        <p className="text-muted">{means}</p>
        <dl className="my-3 grid gap-1.5">
          <Fact name="Age of what is shown">{formatAge(sinceMs)}</Fact>
          <Fact name="Last journal entry shown">{seq}</Fact>
          {paused ? <Fact name="Changes waiting">{formatCount(waiting)}</Fact> : null}
          <Fact name="Clock of the control plane">{new Date(now).toISOString().slice(11, 19)} UTC</Fact>
        </dl>
        <div className="flex items-center justify-between gap-2 border-t border-line pt-2.5">
          <Link href="/journal/at" className="inline-flex items-center gap-1.5 text-accent hover:underline">
            <History className="size-4" aria-hidden />
            Look at an earlier moment
          </Link>
        </div>
      </Popover>
      <Button
        variant="quiet"
        size="icon"
        onClick={paused ? resume : pause}
        aria-label={paused ? 'Go on live' : 'Pause: hold what is shown'}
        title={paused ? 'Go on live (p)' : 'Hold what is shown (p)'}
      >
        {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
      </Button>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  )
}

/** Said over the whole width while the control plane is away. */
export function OfflineBanner() {
  const { status, sinceMs } = useConnection()
  if (status !== 'offline') return null
  return (
    <div className="flex items-center gap-2 border-b border-line bg-warning-soft px-4 py-1.5 text-sm text-warning">
      <StateGlyph state="late" />
      <p>
        <span role="alert">The control plane does not answer. Services go on with their own copies. Trying again.</span>{' '}
        <span className="tabular-nums">What you see is {formatAge(sinceMs)} old.</span>
      </p>
    </div>
  )
}
