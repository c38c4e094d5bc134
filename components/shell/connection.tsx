'use client'
import { Pause, Play } from 'lucide-react'
import { useConnection, usePause } from '../live'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { formatAge, formatCount } from '../ui/figure'

const WORDS = { live: 'Live', paused: 'Paused', reconnecting: 'Reconnecting', offline: 'Offline' } as const

/** Whether what is shown is now, and the control that holds it still. */
export function ConnectionControl() {
  const { status, paused, sinceMs, waiting } = useConnection()
  const { pause, resume } = usePause()
  const behind = status !== 'live'
  return (
    <div className="flex items-center gap-1">
      <output className="flex items-center gap-1.5 text-xs" aria-live="polite">
        <span
          aria-hidden
          className={cn(
            'size-2 rounded-full',
            status === 'live' && 'bg-healthy',
            status === 'paused' && 'rounded-none bg-operator',
            status === 'reconnecting' && 'bg-warning',
            status === 'offline' && 'border border-unknown',
          )}
        />
        <span className={behind ? 'font-medium' : 'text-muted'}>{WORDS[status]}</span>
        {behind ? <span className="hidden text-muted sm:inline">{formatAge(sinceMs)} old</span> : null}
        {paused && waiting > 0 ? (
          <span className="hidden text-muted sm:inline">· {formatCount(waiting)} changes wait</span>
        ) : null}
      </output>
      <Button
        variant="quiet"
        size="icon"
        onClick={paused ? resume : pause}
        aria-label={paused ? 'Go on live' : 'Pause: hold what is shown'}
      >
        {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
      </Button>
    </div>
  )
}

/** Said over the whole width while the control plane is away. */
export function OfflineBanner() {
  const { status, sinceMs } = useConnection()
  if (status !== 'offline') return null
  return (
    <div role="alert" className="border-b border-line bg-warning-soft px-4 py-1.5 text-sm text-warning">
      The control plane does not answer. What you see is {formatAge(sinceMs)} old; services go on with their own copies.
      Trying again.
    </div>
  )
}
