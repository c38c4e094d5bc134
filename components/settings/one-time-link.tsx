'use client'
import { Ago } from '@/components/ui/ago'
import { Snippet } from '@/components/ui/snippet'
import { ShownOnce } from './shown-once'

export interface IssuedLink {
  email: string
  link: string
  expiresAt: number
}

/** A link that signs somebody in, shown this once. */
export function OneTimeLink({ issued, onDone }: { issued: IssuedLink; onDone: () => void }) {
  return (
    <ShownOnce
      title={`A link for ${issued.email}`}
      words="Send it to them over a channel you trust. It is shown now and never again."
      onDone={onDone}
    >
      <Snippet code={issued.link} label="one-time link" />
      <p className="text-sm text-muted">
        It signs in once, whoever has it, and ends <Ago at={issued.expiresAt} />. Any link before it is worthless now.
      </p>
    </ShownOnce>
  )
}
