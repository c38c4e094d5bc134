'use client'
import { useRouter } from 'next/navigation'
import { innerPages, pagesOf } from './pages'
import { PaletteGroup, PaletteItem, type Run } from './palette-item'
import { useSession } from './session'

/** The pages; those within a page only once something is typed. */
export function PalettePages({ run, typed }: { run: Run; typed: string }) {
  const router = useRouter()
  const { demo } = useSession()
  return (
    <PaletteGroup heading="Pages">
      {pagesOf(demo).map((page) => (
        <PaletteItem
          key={page.href}
          value={page.label}
          icon={<page.icon aria-hidden />}
          label={page.label}
          keys={`g ${page.key}`}
          onSelect={() => run(() => router.push(page.href))}
        />
      ))}
      {typed.trim() === ''
        ? null
        : innerPages.map((page) => (
            <PaletteItem
              key={page.href}
              value={page.label}
              keywords={page.keywords}
              icon={<page.icon aria-hidden />}
              label={page.label}
              note={page.within}
              onSelect={() => run(() => router.push(page.href))}
            />
          ))}
    </PaletteGroup>
  )
}
