'use client'
import { ChevronDown } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Popover } from '@/components/ui/popover'
import { KINDS } from './kinds'

/** Which kinds of entries are shown; none chosen: all. */
export function KindsFilter({ kinds, onChange }: { kinds: readonly string[]; onChange: (kinds: string[]) => void }) {
  const known = new Set(KINDS.flatMap((group) => group.kinds.map(({ kind }) => kind)))
  const groups = [
    ...KINDS,
    ...(kinds.some((kind) => !known.has(kind))
      ? [{ noun: 'Others', kinds: kinds.filter((kind) => !known.has(kind)).map((kind) => ({ kind, words: kind })) }]
      : []),
  ]
  return (
    <Popover
      align="start"
      className="w-[44rem]"
      trigger={
        <Button className={kinds.length > 0 ? 'border-accent' : ''}>
          {kinds.length === 0 ? 'All kinds' : kinds.length === 1 ? kinds[0] : `${kinds.length} kinds`}
          <ChevronDown aria-hidden className="text-faint" />
        </Button>
      }
    >
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-3">
        {groups.map((group) => (
          <fieldset key={group.noun}>
            <legend className="mb-1 text-xs font-medium text-muted">{group.noun}</legend>
            {group.kinds.map(({ kind, words }) => (
              <label key={kind} title={kind} className="flex items-center gap-2 rounded-sm py-0.5 hover:bg-sunken">
                <input
                  type="checkbox"
                  checked={kinds.includes(kind)}
                  onChange={(event) =>
                    onChange(event.target.checked ? [...kinds, kind] : kinds.filter((one) => one !== kind))
                  }
                  className="accent-(--accent)"
                />
                {words}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      {kinds.length > 0 ? (
        <Button size="sm" variant="quiet" className="mt-3" onClick={() => onChange([])}>
          Show all kinds
        </Button>
      ) : null}
    </Popover>
  )
}
