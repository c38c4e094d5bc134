'use client'
import { LogOut, Moon, Search, Shapes } from 'lucide-react'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useCallback, useMemo, useState } from 'react'
import { useConnection, usePause } from '../live'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Kbd } from '../ui/kbd'
import { Menu } from '../ui/menu'
import { StateLegend } from '../ui/state'
import { Breadcrumb } from './breadcrumb'
import { ConnectionControl, OfflineBanner } from './connection'
import { Nav } from './nav'
import { pagesOf } from './pages'
import { Palette } from './palette'
import { useSession } from './session'
import { type Shortcut, useShortcuts } from './shortcuts'
import { toggleTheme } from './theme'

/** Around every page: where one is, whether it is live, and the way to everything else. */
export function Shell({ children }: { children: ReactNode }) {
  const router = useRouter()
  const path = usePathname()
  const session = useSession()
  const { paused } = useConnection()
  const { pause, resume } = usePause()
  const [open, setOpen] = useState<'palette' | 'help' | 'legend' | null>(null)
  const closed = (is: boolean) => !is && setOpen(null)
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      ...pagesOf(session.demo).map((page) => ({
        keys: `g ${page.key}`,
        does: `go to ${page.label}`,
        run: () => router.push(page.href),
      })),
      { keys: '/', does: 'find a page, a service or an action', run: () => setOpen('palette') },
      { keys: 'p', does: 'pause, or go on live', run: paused ? resume : pause },
      { keys: 'l', does: 'the legend of states', run: () => setOpen('legend') },
      { keys: '?', does: 'this help', run: () => setOpen('help') },
    ],
    [session.demo, router, paused, pause, resume],
  )
  useShortcuts(
    shortcuts,
    useCallback(() => setOpen((now) => (now === 'palette' ? null : 'palette')), []),
  )
  async function signOut() {
    await fetch('/api/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    location.assign('/sign-in')
  }
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-accent focus:px-3 focus:py-1.5 focus:text-on-accent"
      >
        Skip to the content
      </a>
      <Nav />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col pb-14 md:pb-0">
        <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-4">
          <Breadcrumb path={path} />
          <div className="ml-auto flex items-center gap-1">
            <ConnectionControl />
            <Button
              variant="secondary"
              onClick={() => setOpen('palette')}
              aria-label="Find a page, a service or an action"
              className="max-sm:border-transparent max-sm:bg-transparent max-sm:px-2"
            >
              <Search aria-hidden />
              <span className="hidden text-muted sm:inline">Find</span>
              <span className="hidden sm:inline">
                <Kbd>/</Kbd>
              </span>
            </Button>
            <Button
              variant="quiet"
              size="icon"
              aria-label="Legend of states"
              onClick={() => setOpen('legend')}
              className="max-sm:hidden"
            >
              <Shapes aria-hidden />
            </Button>
            <Menu
              trigger={
                <button
                  type="button"
                  aria-label={`Account of ${session.name}`}
                  className="ml-1 grid size-7 place-items-center rounded-full border border-line-strong bg-sunken text-xs font-medium uppercase"
                >
                  {session.name.slice(0, 1)}
                </button>
              }
              header={
                <>
                  <div className="font-medium">{session.name}</div>
                  <div className="text-xs text-muted">{session.role}</div>
                </>
              }
              items={[
                { label: 'Light or dark', icon: <Moon aria-hidden />, onSelect: toggleTheme },
                { label: 'Legend of states', icon: <Shapes aria-hidden />, onSelect: () => setOpen('legend') },
                null,
                { label: 'Sign out', icon: <LogOut aria-hidden />, onSelect: () => void signOut() },
              ]}
            />
          </div>
        </header>
        <OfflineBanner />
        <main id="content" tabIndex={-1} className="relative min-h-0 flex-1 overflow-y-auto outline-none">
          {children}
        </main>
      </div>
      <Palette
        open={open === 'palette'}
        onOpenChange={closed}
        showHelp={() => setOpen('help')}
        showLegend={() => setOpen('legend')}
      />
      <Dialog
        open={open === 'legend'}
        onOpenChange={closed}
        title="States"
        description="By shape, word and colour, the same everywhere."
      >
        <StateLegend />
      </Dialog>
      <Dialog open={open === 'help'} onOpenChange={closed} title="Keyboard">
        <dl className="grid gap-1.5 text-sm">
          {[{ keys: 'Ctrl K', does: 'find, from anywhere' }, ...shortcuts].map(({ keys, does }) => (
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
    </div>
  )
}
