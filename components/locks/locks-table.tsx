'use client'
import Link from 'next/link'
import { inPlace } from '../ui/in-place'
import { StateLabel } from '../ui/state'
import { Table, Td, Th, Tr } from '../ui/table'
import { LeaseLeft, Since } from './left'
import type { Seen } from './use-locks'
import { holdersWord, kindWord } from './words'

/** Held and contended locks, a row each. */
export function LocksTable(props: {
  names: readonly string[]
  locks: ReadonlyMap<string, Seen>
  open: string | null
  hrefOf: (resource: string) => string
  onOpen: (resource: string) => void
}) {
  return (
    <Table label="Locks">
      <thead>
        <tr>
          <Th>State</Th>
          <Th>Lock</Th>
          <Th>Holder</Th>
          <Th className="text-right">Held for</Th>
          <Th className="text-right">Lease left</Th>
          <Th className="text-right">Waiting</Th>
          <Th className="text-right">Token</Th>
        </tr>
      </thead>
      <tbody>
        {props.names.map((name) => {
          const seen = props.locks.get(name)
          return seen ? (
            <LockRow
              key={name}
              seen={seen}
              selected={props.open === name}
              href={props.hrefOf(name)}
              onOpen={props.onOpen}
            />
          ) : (
            <Tr key={name} className="text-muted">
              <Td>
                <StateLabel state="gone" word="free" />
              </Td>
              <Td className="font-mono text-xs">{name}</Td>
              <Td colSpan={5}>free again</Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}

function LockRow(props: { seen: Seen; selected: boolean; href: string; onOpen: (resource: string) => void }) {
  const { selected, href } = props
  const { view, at } = props.seen
  const [first] = view.holders
  return (
    <Tr selected={selected} className="relative">
      <Td>
        <LockState waiting={view.waiting} held={view.holders.length > 0} />
      </Td>
      <Td>
        <Link
          href={href}
          scroll={false}
          prefetch={false}
          onClick={(event) => inPlace(event, () => props.onOpen(view.resource))}
          className="font-mono text-xs font-medium after:absolute after:inset-0 hover:underline"
          aria-current={selected ? 'true' : undefined}
        >
          {view.resource}
        </Link>
        <span className="ml-2 text-xs text-muted">{kindWord(view)}</span>
      </Td>
      <Td>{holdersWord(view)}</Td>
      <Td className="text-right tabular-nums">{first ? <Since ms={first.heldMs} at={at} /> : '–'}</Td>
      <Td className="text-right tabular-nums">
        {first ? <LeaseLeft leftMs={first.leftMs} ttlMs={first.ttlMs} at={at} /> : '–'}
      </Td>
      <Td className="text-right tabular-nums">{view.waiting === 0 ? '–' : view.waiting}</Td>
      <Td className="text-right tabular-nums">{view.lastToken}</Td>
    </Tr>
  )
}

export function LockState({ waiting, held }: { waiting: number; held: boolean }) {
  if (!held) return <StateLabel state="unknown" word={waiting > 0 ? 'closed' : 'free'} />
  return waiting > 0 ? <StateLabel state="warning" word="contended" /> : <StateLabel state="healthy" word="held" />
}
