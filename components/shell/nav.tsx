'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '../ui/cn'
import { Mark } from './mark'
import { isCurrent, pagesOf } from './pages'
import { useSession } from './session'

/** On the left; at the bottom of a narrow screen. */
export function Nav() {
  const path = usePathname()
  const { demo } = useSession()
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex h-14 border-t border-line bg-surface md:static md:h-auto md:w-44 md:shrink-0 md:flex-col md:gap-0.5 md:border-t-0 md:border-r md:px-2 md:py-2"
    >
      <Link
        href="/"
        className="mb-2 hidden h-9 items-center gap-2 rounded-md px-2 font-semibold tracking-tight md:flex"
      >
        <Mark className="size-5" />
        Holdfast
      </Link>
      {pagesOf(demo).map((page) => {
        const current = isCurrent(page, path)
        return (
          <Link
            key={page.href}
            href={page.href}
            aria-current={current ? 'page' : undefined}
            className={cn(
              'flex flex-1 flex-col items-center justify-center gap-0.5 rounded-md text-xs transition-colors duration-150 md:h-8 md:flex-none md:flex-row md:justify-start md:gap-2.5 md:px-2 md:text-sm',
              current ? 'font-medium text-text md:bg-sunken' : 'text-muted hover:text-text md:hover:bg-sunken',
            )}
          >
            <page.icon className={cn('size-4', current && 'text-accent')} aria-hidden />
            {page.label}
          </Link>
        )
      })}
    </nav>
  )
}
