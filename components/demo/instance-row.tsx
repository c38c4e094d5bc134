'use client'
import { RotateCcw, Zap } from 'lucide-react'
import Link from 'next/link'
import type { Instance } from '@/core/instance'
import type { Action, InstanceStatus } from '@/server/demo'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { StateLabel } from '../ui/state'
import { WILL } from './deeds'
import { ModeControl } from './mode-control'

/** One process: what it does, what the registry sees of it, and what can be done to it. */
export function InstanceRow(props: {
  process: InstanceStatus
  seen: Instance | undefined
  /** the server's clock; null until the page is alive */
  now: number | null
  may: boolean
  busy: boolean
  onAct: (action: Action) => void
}) {
  const { process, seen, now, may, busy, onAct } = props
  const running = process.state === 'running'
  return (
    <li className="grid grid-cols-2 items-start @5xl:items-center gap-x-4 gap-y-2 border-t border-line py-2 first:border-line-strong @5xl:py-1.5 @5xl:grid-cols-[8.5rem_minmax(0,1fr)_minmax(0,1.3fr)_25.5rem] @5xl:gap-y-1">
      <div className="min-w-0 @max-5xl:flex @max-5xl:flex-wrap @max-5xl:items-baseline @max-5xl:gap-x-3 @max-5xl:col-span-2">
        <Link
          href={`/services/${process.service}?instance=${encodeURIComponent(process.id)}`}
          className="block truncate text-sm font-medium normal-nums hover:text-accent"
        >
          {process.id}
        </Link>
        <span className="block truncate text-xs text-faint">
          {process.pid === null ? 'no process' : `pid ${process.pid}`}
          {process.restarts > 0 ? `, start ${process.restarts + 1}` : ''}
        </span>
      </div>
      <Fact label="Its process">
        <ProcessState process={process} now={now} />
        <span className="block text-xs text-muted @5xl:truncate" title={process.detail}>
          {running && process.mode === 'normal' && seen ? placeOf(seen) : process.detail}
        </span>
      </Fact>
      <Fact label="The registry sees">
        {seen ? (
          <>
            <span className="flex items-baseline gap-2">
              <StateLabel state={seen.health} className="text-sm" />
              <Ago at={seen.healthSince} className="truncate text-xs text-faint" />
            </span>
            <span className="block text-xs text-muted @5xl:truncate" title={seen.reason}>
              {seen.reason}
            </span>
          </>
        ) : (
          <>
            <StateLabel state="gone" word="not registered" className="text-sm" />
            <span className="block text-xs text-muted">
              {running ? 'taken out; restart it to bring it back' : 'it left in order'}
            </span>
          </>
        )}
      </Fact>
      <div className="flex flex-wrap items-center gap-2 @5xl:flex-nowrap @max-5xl:col-span-2">
        <ModeControl
          instance={process.id}
          mode={running ? process.mode : null}
          disabled={!may || busy || !running}
          onChange={onAct}
        />
        <Button
          size="sm"
          onClick={() => onAct('restart')}
          disabled={!may || busy || process.state === 'stopping'}
          title={WILL.restart}
          aria-label={`Restart ${process.id}`}
        >
          <RotateCcw aria-hidden />
          Restart
        </Button>
        <Button
          size="sm"
          variant="danger"
          onClick={() => onAct('kill')}
          disabled={!may || busy || process.pid === null}
          title={WILL.kill}
          aria-label={`Kill ${process.id}`}
        >
          <Zap aria-hidden />
          Kill
        </Button>
      </div>
    </li>
  )
}

function placeOf({ zone, version }: Instance): string {
  return [zone === null ? null : `zone ${zone}`, version].filter((part) => part !== null).join(', ')
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <div className="text-xs text-faint @5xl:sr-only">{label}</div>
      {children}
    </div>
  )
}

function ProcessState({ process, now }: { process: InstanceStatus; now: number | null }) {
  switch (process.state) {
    case 'running':
      if (process.mode === 'normal') return <span className="text-sm">running</span>
      return <StateLabel state="operator" word={process.mode} className="text-sm" />
    case 'down': {
      const left =
        process.restartAt === null || now === null ? null : Math.max(0, Math.ceil((process.restartAt - now) / 1000))
      return (
        <StateLabel
          state="unhealthy"
          word={left === null ? 'ended' : `ended, back in ${left} s`}
          className="text-sm tabular-nums"
        />
      )
    }
    default:
      return <StateLabel state="unknown" word={process.state} className="text-sm" />
  }
}
