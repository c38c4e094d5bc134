'use client'
import Link from 'next/link'
import type { Transition } from '../charts/health-timeline'
import { Ago } from '../ui/ago'
import { StateGlyph } from '../ui/state'
import { actorWord } from './instance-words'

/** What happened to an instance, newest first, each with its way to the journal. */
export function Transitions({ id, transitions }: { id: string; transitions: readonly Transition[] }) {
  const journal = `/journal?key=${encodeURIComponent(`instance/${id}`)}`
  if (transitions.length === 0) return <p className="text-sm text-muted">No entries yet.</p>
  return (
    <>
      <ol className="grid">
        {transitions.map((t) => (
          <li
            key={t.seq}
            className="grid grid-cols-[12px_1fr] gap-x-2 border-b border-line py-1.5 text-sm last:border-b-0"
          >
            <StateGlyph state={t.health ?? 'gone'} size={10} className="mt-[5px]" label={t.health ?? 'gone'} />
            <div className="min-w-0">
              <p className="break-words">{t.summary}</p>
              <p className="flex justify-between gap-3 text-xs text-muted">
                <span className="truncate">
                  <Ago at={t.at} /> by {actorWord(t.actor)}
                </span>
                <Link href={`${journal}&seq=${t.seq}`} className="shrink-0 hover:text-text hover:underline">
                  entry {t.seq}
                </Link>
              </p>
            </div>
          </li>
        ))}
      </ol>
      <Link href={journal} className="text-sm text-accent hover:underline">
        All entries in the journal
      </Link>
    </>
  )
}
