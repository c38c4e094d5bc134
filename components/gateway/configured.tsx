import Link from 'next/link'
import type { ReactNode } from 'react'
import type { Route } from '@/core/gateway/route'
import { formatShare } from '../ui/figure'
import { valueWord } from './route-diff'
import { BALANCE_WORDS, shares, takesWord, targetWord } from './words'

/** A route as it was written: what it takes, where it goes, through what. */
export function Configured({ route }: { route: Route }) {
  const share = shares(route.targets)
  const { balance, rewrite } = route
  return (
    <dl className="grid gap-2.5 text-sm">
      <Line label="Takes">
        {takesWord(route.match)}
        {route.priority === 0 ? null : <span className="text-muted">; priority {route.priority}</span>}
      </Line>
      <Line label="Sends to">
        <ul className="grid gap-0.5">
          {route.targets.map((target, at) => (
            <li key={targetWord(target)} className="flex items-baseline justify-between gap-3">
              {target.service === null ? (
                <span className="mono min-w-0 break-all">{target.addresses.join(', ')}</span>
              ) : (
                <Link
                  href={`/services/${encodeURIComponent(target.service)}`}
                  className="min-w-0 truncate text-accent hover:underline"
                >
                  {target.service}
                </Link>
              )}
              <span className="tabular-nums">{formatShare(share[at] as number)}</span>
            </li>
          ))}
        </ul>
      </Line>
      <Line label="Balances">
        {BALANCE_WORDS[balance.by].label}
        {balance.by === 'hash' ? ` of ${balance.hashHeader || 'the client’s address'}` : ''}
        <span className="text-muted">{balance.zoneFirst ? ', own zone first' : ', all zones alike'}</span>
      </Line>
      <Line label="Rewrites">
        {rewrite.path === null ? 'nothing of the path' : <span className="mono">the path to {rewrite.path}</span>}
        <span className="text-muted">
          ; Host is {rewrite.host === 'client' ? 'what the client sent' : 'the instance’s own'}
        </span>
      </Line>
      <Line label="Chain">
        {route.middleware.length === 0 ? (
          'no middleware'
        ) : (
          <ol className="grid gap-1">
            {route.middleware.map(({ use, config }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step of a chain is its place
              <li key={at} className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-1">
                <span className="text-right text-xs leading-5 text-faint">{at + 1}</span>
                <details className="min-w-0">
                  <summary className="cursor-default truncate hover:text-accent">
                    <span className="font-medium">{use}</span>{' '}
                    <span className="text-xs text-muted">{inShort(config)}</span>
                  </summary>
                  <dl className="grid gap-0.5 py-1 text-xs">
                    {Object.entries(config).map(([name, value]) => (
                      <div key={name} className="grid grid-cols-[8rem_minmax(0,1fr)] gap-2">
                        <dt className="truncate text-muted">{name}</dt>
                        <dd className="break-words">{valueWord(value)}</dd>
                      </div>
                    ))}
                  </dl>
                </details>
              </li>
            ))}
          </ol>
        )}
      </Line>
    </dl>
  )
}

/** Values alone, as many as fit on a line. */
function inShort(config: Route['middleware'][number]['config']): string {
  return Object.entries(config)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name} ${valueWord(value)}`)
    .join(', ')
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-3">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}
