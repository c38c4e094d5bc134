'use client'
import Link, { useLinkStatus } from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { useServices } from '../live'
import { cn } from '../ui/cn'
import { StateGlyph } from '../ui/state'
import { Mark } from './mark'
import { isCurrent, type Page, pagesOf } from './pages'
import { useSession } from './session'

/** On the left, icons alone where there is less room; at the bottom of a narrow screen. */
export function Nav() {
  const path = usePathname()
  const { demo } = useSession()
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex h-14 overflow-x-auto border-t border-line bg-surface md:static md:overflow-x-visible md:h-auto md:w-14 md:shrink-0 md:flex-col md:gap-0.5 md:border-t-0 md:border-r md:px-2 md:py-2 lg:w-44"
    >
      <Link
        href="/"
        className="mb-2 hidden h-9 items-center gap-2 rounded-md px-2.5 font-semibold tracking-tight md:flex lg:px-2"
      >
        <Mark className="size-5 shrink-0" />
        <span className="md:max-lg:sr-only">Holdfast</span>
      </Link>
      {pagesOf(demo).map((page) => (
        <NavLink key={page.href} page={page} current={isCurrent(page, path)} />
      ))}
    </nav>
  )
}

function NavLink({ page, current }: { page: Page; current: boolean }) {
  const link = useRef<HTMLAnchorElement>(null)
  // On a narrow screen the row is longer than the screen: it shows where one is.
  useEffect(() => {
    const row = link.current?.parentElement
    if (!current || !link.current || !row || row.scrollWidth <= row.clientWidth) return
    row.scrollLeft = link.current.offsetLeft - (row.clientWidth - link.current.offsetWidth) / 2
  }, [current])
  return (
    <Link
      ref={link}
      href={page.href}
      aria-current={current ? 'page' : undefined}
      title={page.label}
      className={cn(
        'relative flex flex-1 max-md:min-w-18 flex-col items-center justify-center gap-0.5 rounded-md text-xs transition-colors duration-150 md:h-8 md:flex-none md:flex-row md:justify-center md:gap-2.5 md:px-2 md:text-sm lg:justify-start',
        current ? 'font-medium text-text md:bg-sunken' : 'text-muted hover:text-text md:hover:bg-sunken',
      )}
    >
      <PageIcon page={page} current={current} />
      <span className={cn('md:max-lg:sr-only', !current && 'max-sm:sr-only')}>{page.label}</span>
      {page.href === '/services' ? <DownCount /> : null}
    </Link>
  )
}

/** Breathes while its page is on its way, so that a press is seen to be heard on a slow line. */
function PageIcon({ page, current }: { page: Page; current: boolean }) {
  const { pending } = useLinkStatus()
  return (
    <page.icon
      className={cn('size-4 shrink-0', current && 'text-accent', pending && 'animate-pulse text-accent')}
      aria-hidden
    />
  )
}

/** What needs somebody, in sight from every page. */
function DownCount() {
  const down = useServices().filter((service) => service.health === 'unhealthy').length
  if (down === 0) return null
  return (
    <span className="absolute top-1.5 left-[calc(50%+0.75rem)] flex items-center gap-1 text-xs font-medium text-unhealthy tabular-nums md:top-0.5 md:right-1 md:left-auto lg:static lg:ml-auto">
      <StateGlyph state="unhealthy" size={10} />
      <span className="md:max-lg:sr-only">{down}</span>
      <span className="sr-only">down</span>
    </span>
  )
}
