'use client'

/** What this control plane is, how it stands, and how to keep a copy. */
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useConnection } from '@/components/live'
import { holdfastError, useTRPC } from '@/components/trpc'
import { Ago } from '@/components/ui/ago'
import { CopyButton } from '@/components/ui/copy-button'
import { ErrorState } from '@/components/ui/error-state'
import { Figure, formatCount } from '@/components/ui/figure'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Snippet } from '@/components/ui/snippet'
import { Section } from './section'

const REFRESH_MS = 10_000

export function System() {
  const trpc = useTRPC()
  const { paused, seq } = useConnection()
  const info = useQuery({
    ...trpc.system.info.queryOptions({ data: {} }),
    refetchInterval: paused ? false : REFRESH_MS,
  })
  if (info.isPending) return <SkeletonRows rows={8} />
  if (info.isError) {
    return <ErrorState message={holdfastError(info.error).message} onRetry={() => void info.refetch()} />
  }
  // The page is read before its own stream begins; it is a tab all the same.
  const { version, startedAt, url, demo, database, journal, services, instances, edges, tabs } = info.data
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
      <Section title="This control plane">
        <div className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 lg:grid-cols-6">
          <Figure label="Services" value={formatCount(services)} large />
          <Figure label="Instances" value={formatCount(instances)} large />
          <Figure label="Edges" value={formatCount(edges)} note="who calls whom" large />
          <Figure label="Journal" value={String(Math.max(journal.head, seq))} note="last entry" large />
          <Figure label="Tabs" value={formatCount(Math.max(tabs, 1))} note="open dashboards" large />
          <Figure label="Up since" value={<Ago at={startedAt} />} large />
        </div>
        <dl className="mt-2 grid max-w-3xl divide-y divide-line border-y border-line text-sm">
          <Row label="Version">
            {version}
            {demo ? <span className="ml-2 text-muted">with the demo fleet</span> : null}
          </Row>
          <Row label="Started">
            <time dateTime={new Date(startedAt).toISOString()}>{moment(startedAt)}</time>
          </Row>
          <Row label="Address">
            <span className="flex flex-wrap items-center gap-1">
              <span className="mono break-all text-xs">{url}</span> <CopyButton text={url} label="address" />
            </span>
          </Row>
          <Row label="Database">
            <span className="mono break-all text-xs">{database}</span>
          </Row>
          <Row label="Journal">
            {journal.oldest === null ? (
              'no entry yet'
            ) : (
              <>
                entries <span className="mono">{journal.oldest}</span> to{' '}
                <Link href="/journal" className="mono text-accent hover:text-accent-hover">
                  {journal.head}
                </Link>
                {journal.oldestAt === null ? null : (
                  <span className="text-muted">
                    , back to <Ago at={journal.oldestAt} />
                  </span>
                )}
              </>
            )}
          </Row>
          <Row label="Metrics">
            <a href="/metrics" className="mono text-xs text-accent hover:text-accent-hover">
              /metrics
            </a>{' '}
            <span className="text-muted">for Prometheus</span>
          </Row>
          <Row label="Probes">
            <a href="/healthz" className="mono text-xs text-accent hover:text-accent-hover">
              /healthz
            </a>{' '}
            <span className="text-muted">answers while the process lives,</span>{' '}
            <a href="/readyz" className="mono text-xs text-accent hover:text-accent-hover">
              /readyz
            </a>{' '}
            <span className="text-muted">while it can do its work</span>
          </Row>
        </dl>
      </Section>
      <Section
        title="Keep a copy"
        description="Everything is in one database file. This copies it while the control plane runs, checks the copy, and then puts it in place."
      >
        <div className="max-w-3xl">
          <Snippet code="npm run backup -- holdfast-backup.db" label="backup command" />
        </div>
        <p className="max-w-prose text-sm text-muted">
          To go back to a copy: stop the control plane, put the copy in the place of the database file, start again.
          Instances find their way back by themselves.
        </p>
      </Section>
    </div>
  )
}

const moment = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ').concat(' UTC')

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6rem_minmax(0,1fr)] items-baseline gap-3 py-2 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}
