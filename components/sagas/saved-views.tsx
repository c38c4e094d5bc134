'use client'
import { Bookmark } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useSyncExternalStore } from 'react'
import { Button } from '../ui/button'
import { Input } from '../ui/input'
import { Popover } from '../ui/popover'

interface SavedView {
  name: string
  /** of the address, with its question mark; empty: everything */
  query: string
}

const KEY = 'holdfast.sagas.views'
const VIEWS_MAX = 30
const GIVEN: SavedView[] = [
  { name: 'Waiting for a person', query: '?state=stuck,paused' },
  { name: 'Being undone', query: '?state=compensating,stuck' },
  { name: 'Ended badly', query: '?state=failed,partially-compensated,terminated' },
]

const listeners = new Set<() => void>()
let cached: { text: string | null; views: SavedView[] } = { text: null, views: [] }

function read(): SavedView[] {
  let text: string | null = null
  try {
    text = localStorage.getItem(KEY)
  } catch {
    return cached.views
  }
  if (text !== cached.text) cached = { text, views: parse(text) }
  return cached.views
}

function parse(text: string | null): SavedView[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(value)) return []
    return value.filter((view): view is SavedView => typeof view?.name === 'string' && typeof view?.query === 'string')
  } catch {
    return []
  }
}

function write(views: SavedView[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(views.slice(-VIEWS_MAX)))
  } catch {
    // A full or forbidden storage only means that views are not remembered.
  }
  for (const tell of listeners) tell()
}

const NONE: SavedView[] = []

function useViews(): SavedView[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      window.addEventListener('storage', listener)
      return () => {
        listeners.delete(listener)
        window.removeEventListener('storage', listener)
      }
    },
    read,
    () => NONE,
  )
}

/** Filters under a name. A view is an address, so it can be sent as well; names are kept by this browser. */
export function SavedViews() {
  const router = useRouter()
  const own = useViews()
  const save = (form: FormData) => {
    const name = String(form.get('name') ?? '').trim()
    if (name === '') return
    write([...own.filter((view) => view.name !== name), { name, query: location.search }])
  }
  return (
    <Popover
      trigger={
        <Button variant="quiet">
          <Bookmark aria-hidden /> <span className="max-sm:sr-only">Views</span>
        </Button>
      }
      className="w-72"
    >
      <ul className="grid gap-0.5">
        {[...GIVEN, ...own].map((view) => (
          <li key={view.name} className="flex items-center justify-between gap-2">
            <button
              type="button"
              className="min-w-0 flex-1 truncate rounded-sm px-2 py-1 text-left hover:bg-accent-soft"
              onClick={() => router.push(`/sagas${view.query}`)}
            >
              {view.name}
            </button>
            {own.includes(view) ? (
              <Button
                size="sm"
                variant="quiet"
                aria-label={`Forget the view ${view.name}`}
                onClick={() => write(own.filter((other) => other !== view))}
              >
                Forget
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <form
        className="mt-2 flex gap-2 border-t border-line pt-3"
        onSubmit={(event) => {
          event.preventDefault()
          save(new FormData(event.currentTarget))
          event.currentTarget.reset()
        }}
      >
        <Input
          name="name"
          aria-label="Name for what is shown now"
          placeholder="Name what is shown now"
          maxLength={60}
        />
        <Button type="submit">Save</Button>
      </form>
    </Popover>
  )
}
