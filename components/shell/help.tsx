'use client'
import { Dialog } from '../ui/dialog'
import { Kbd } from '../ui/kbd'
import type { Shortcut } from './shortcuts'

/** Every key that does something on every page. */
export function Help(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  shortcuts: readonly Pick<Shortcut, 'keys' | 'does'>[]
}) {
  const everywhere = [
    { keys: 'Ctrl K', does: 'find, from anywhere (⌘ K on a Mac)' },
    ...props.shortcuts,
    { keys: 'Esc', does: 'close what is open' },
  ]
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title="Keyboard">
      <dl className="grid gap-1.5 text-sm">
        {everywhere.map(({ keys, does }) => (
          <div key={keys} className="grid grid-cols-[6rem_1fr] items-center">
            <dt className="flex gap-1">
              {keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd className="text-muted">{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
