'use client'
import { Ago } from '@/components/ui/ago'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Snippet } from '@/components/ui/snippet'

export interface IssuedLink {
  email: string
  link: string
  expiresAt: number
}

/** A link that signs somebody in, shown this once. */
export function OneTimeLink({ issued, onClose }: { issued: IssuedLink | null; onClose: () => void }) {
  return (
    <Dialog
      open={issued !== null}
      onOpenChange={(open) => !open && onClose()}
      title={`A link for ${issued?.email ?? ''}`}
      description="Send it to them over a channel you trust. It is shown now and never again."
    >
      {issued ? (
        <div className="grid gap-4">
          <Snippet code={issued.link} label="one-time link" />
          <p className="text-sm text-muted">
            It signs in once, whoever has it, and ends <Ago at={issued.expiresAt} />. Any link before it is worthless
            now.
          </p>
          <div className="flex justify-end">
            <Button variant="primary" onClick={onClose}>
              I have copied it
            </Button>
          </div>
        </div>
      ) : null}
    </Dialog>
  )
}
