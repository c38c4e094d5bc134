'use client'

/** Which moment is looked at: by entry, entry by entry, or by the clock. */
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'

export function MomentControl(props: {
  seq: number
  at: number | null
  head: number
  onSeq: (seq: number) => void
  onAt: (at: number) => void
}) {
  const { seq, at, head } = props
  const [number, setNumber] = useState(String(seq))
  const [time, setTime] = useState(input(at))
  useEffect(() => setNumber(String(seq)), [seq])
  useEffect(() => setTime(input(at)), [at])

  function goToNumber() {
    const wanted = Number(number)
    if (Number.isSafeInteger(wanted) && wanted >= 0 && wanted !== seq) props.onSeq(wanted)
    else setNumber(String(seq))
  }

  function goToTime() {
    const wanted = Date.parse(`${time}Z`)
    if (Number.isFinite(wanted) && time !== input(at)) props.onAt(wanted)
  }

  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
      <form
        className="grid gap-1"
        onSubmit={(event) => {
          event.preventDefault()
          goToNumber()
        }}
      >
        <label htmlFor="moment-seq" className="text-xs text-muted">
          After entry
        </label>
        <div className="flex gap-1">
          <Button
            variant="secondary"
            size="icon"
            aria-label="One entry earlier"
            disabled={seq <= 0}
            onClick={() => props.onSeq(Math.min(seq - 1, head))}
          >
            <ChevronLeft aria-hidden />
          </Button>
          <Input
            id="moment-seq"
            className="mono w-28 text-center"
            inputMode="numeric"
            value={number}
            onChange={(event) => setNumber(event.target.value)}
            onBlur={goToNumber}
          />
          <Button
            variant="secondary"
            size="icon"
            aria-label="One entry later"
            disabled={seq >= head}
            onClick={() => props.onSeq(seq + 1)}
          >
            <ChevronRight aria-hidden />
          </Button>
        </div>
      </form>
      <form
        className="grid gap-1"
        onSubmit={(event) => {
          event.preventDefault()
          goToTime()
        }}
      >
        <label htmlFor="moment-at" className="text-xs text-muted">
          At this time, UTC
        </label>
        <div className="flex gap-1">
          <Input
            id="moment-at"
            type="datetime-local"
            step={1}
            className="w-60"
            value={time}
            onChange={(event) => setTime(event.target.value)}
          />
          <Button type="submit">Go</Button>
        </div>
      </form>
    </div>
  )
}

/** The value of a datetime-local input, in UTC. */
function input(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString().slice(0, 19)
}
