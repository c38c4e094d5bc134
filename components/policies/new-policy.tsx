'use client'
import { Plus } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input } from '../ui/input'

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/

/** Asks for a name; the editor does the rest. Nothing is stored before it is saved there. */
export function NewPolicy({ taken, onNew }: { taken: readonly string[]; onNew: (name: string) => void }) {
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const problem = taken.includes(name)
    ? 'There is one of that name: open it in the list.'
    : NAME.test(name)
      ? null
      : 'Letters, digits, ".", "_" and "-", such as "payments-charge".'

  function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (problem !== null) return
    onNew(name)
    setOpen(false)
    setName('')
    setTried(false)
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Plus aria-hidden /> New policy
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New policy" initialFocus={input}>
        <form className="grid gap-4" noValidate onSubmit={submit}>
          <Field
            label="Name"
            hint="What services ask for: holdfast.retry(name, …)."
            {...(tried && problem !== null ? { error: problem } : {})}
          >
            {(control) => (
              <Input
                ref={input}
                {...control}
                value={name}
                maxLength={100}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setName(event.target.value.trim())}
              />
            )}
          </Field>
          <div className="flex flex-wrap justify-end gap-2">
            <Button variant="quiet" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button type="submit" variant="primary">
              Edit it
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
