'use client'
import { Search, Shapes } from 'lucide-react'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import { FaultBanner } from '../gateway/faults/fault-banner'
import { usePause, usePaused } from '../live'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { FloatingRoot } from '../ui/floating'
import { Kbd } from '../ui/kbd'
import { StateLegend } from '../ui/state'
import { AccountMenu } from './account-menu'
import { Breadcrumb } from './breadcrumb'
import { ConnectionControl, OfflineBanner } from './connection'
import { Help } from './help'
import { Nav } from './nav'
import { pagesOf } from './pages'
import { Palette } from './palette'
import { useSession } from './session'
import { type Shortcut, useShortcuts } from './shortcuts'

/** Around every page: where one is, whether it is live, and the way to everything else. */
export function Shell({ children }: { children: ReactNode }) {
  const router = useRouter()
  const path = usePathname()
  const { demo } = useSession()
  const paused = usePaused()
  const { pause, resume } = usePause()
  const floating = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<'palette' | 'help' | 'legend' | null>(null)
  const closed = (is: boolean) => !is && setOpen(null)
  const showLegend = () => setOpen('legend')
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      ...pagesOf(demo).map((page) => ({
        keys: `g ${page.key}`,
        does: `go to ${page.label}`,
        run: () => router.push(page.href),
      })),
      { keys: '/', does: 'find a page, a service or an action', run: () => setOpen('palette') },
      { keys: 'p', does: 'pause, or go on live', run: paused ? resume : pause },
      { keys: 'l', does: 'the legend of states', run: () => setOpen('legend') },
      { keys: '?', does: 'this help', run: () => setOpen('help') },
    ],
    [demo, router, paused, pause, resume],
  )
  useShortcuts(
    shortcuts,
    useCallback(() => setOpen((now) => (now === 'palette' ? null : 'palette')), []),
  )
  return (
    <FloatingRoot value={floating}>
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
                <span className="hidden font-normal text-muted sm:inline lg:pr-12">Find</span>
                <span className="hidden sm:inline">
                  <Kbd>/</Kbd>
                </span>
              </Button>
              <Button
                variant="quiet"
                size="icon"
                aria-label="Legend of states"
                title="Legend of states (l)"
                onClick={showLegend}
                className="max-sm:hidden"
              >
                <Shapes aria-hidden />
              </Button>
              <AccountMenu showLegend={showLegend} />
            </div>
            <div ref={floating} className="contents" />
          </header>
          <OfflineBanner />
          <FaultBanner />
          <main id="content" tabIndex={-1} className="relative min-h-0 flex-1 overflow-y-auto outline-none">
            {children}
          </main>
        </div>
        <Palette
          open={open === 'palette'}
          onOpenChange={closed}
          showHelp={() => setOpen('help')}
          showLegend={showLegend}
        />
        <Dialog
          open={open === 'legend'}
          onOpenChange={closed}
          title="States"
          description="By shape, word and colour, the same everywhere."
        >
          <StateLegend />
        </Dialog>
        <Help open={open === 'help'} onOpenChange={closed} shortcuts={shortcuts} />
      </div>
    </FloatingRoot>
  )
}
