'use client'

import Link from 'next/link'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { Fault } from '@/core/gateway/fault'
import { useFaults } from '../gateway/faults/use-faults'
import { useGateway } from '../gateway/use-gateway'
import { faultDoes, faultOn, who } from '../gateway/words'
import { useMay } from '../shell/session'
import { Ago } from '../ui/ago'
import { buttonStyle } from '../ui/button'
import { cn } from '../ui/cn'
import { StateGlyph } from '../ui/state'

type Marks = ReadonlyMap<string, readonly Fault[]>

const NOT_ANY: Marks = new Map()
const NO_FAULTS: readonly Fault[] = []
const GATEWAY = 'gateway'
const Context = createContext<Marks>(NOT_ANY)
const keyOf = (caller: string, callee: string) => `${caller}→${callee}`

/** Faults made on purpose by the line that they act on; those on a route act on the gateway's lines to its services. */
export function FaultMarks({ children }: { children: ReactNode }) {
  const faults = useFaults()
  return faults.some(({ target }) => 'route' in target) ? (
    <OfRoutes faults={faults}>{children}</OfRoutes>
  ) : (
    <Marked faults={faults} callees={null}>
      {children}
    </Marked>
  )
}

/** Asks for the routes only while one of them has a fault. */
function OfRoutes({ faults, children }: { faults: readonly Fault[]; children: ReactNode }) {
  const { gateway } = useGateway()
  const text = JSON.stringify(
    gateway?.routes.map(({ route }) => [route.id, route.targets.flatMap(({ service }) => service ?? [])]) ?? [],
  )
  const callees = useMemo(() => new Map(JSON.parse(text) as [string, string[]][]), [text])
  return (
    <Marked faults={faults} callees={callees}>
      {children}
    </Marked>
  )
}

function Marked(props: {
  faults: readonly Fault[]
  callees: ReadonlyMap<string, readonly string[]> | null
  children: ReactNode
}) {
  const { faults, callees } = props
  const marks = useMemo<Marks>(() => {
    if (faults.length === 0) return NOT_ANY
    const found = new Map<string, Fault[]>()
    const mark = (key: string, fault: Fault) => found.set(key, [...(found.get(key) ?? []), fault])
    for (const fault of faults) {
      const { target } = fault
      if ('caller' in target) mark(keyOf(target.caller, target.callee), fault)
      else for (const callee of callees?.get(target.route) ?? []) mark(keyOf(GATEWAY, callee), fault)
    }
    return found
  }, [faults, callees])
  return <Context value={marks}>{props.children}</Context>
}

export function useFaultsOn(caller: string, callee: string): readonly Fault[] {
  return useContext(Context).get(keyOf(caller, callee)) ?? NO_FAULTS
}

/** On a line and in lists of lines. */
export function FaultMark({ caller, callee, className }: { caller: string; callee: string; className?: string }) {
  const faults = useFaultsOn(caller, callee)
  if (faults.length === 0) return null
  return (
    <span
      className={cn('inline-flex items-center gap-1 font-medium whitespace-nowrap text-operator', className)}
      title={faults.map((fault) => `${faultOn(fault)}: ${faultDoes(fault)}`).join('\n')}
    >
      <StateGlyph state="operator" size={10} /> {faults.length === 1 ? 'fault' : `${faults.length} faults`}
    </span>
  )
}

/** In the panel of a line. */
export function FaultNotes({ caller, callee }: { caller: string; callee: string }) {
  const faults = useFaultsOn(caller, callee)
  const { may } = useMay('operator')
  return (
    <>
      {faults.map((fault) => (
        <p key={fault.id} className="mb-3 flex gap-2 rounded-md bg-operator-soft px-3 py-2 text-sm text-operator">
          <StateGlyph state="operator" size={11} className="mt-1" />
          <span>
            Fault by {who(fault.by)} on {faultOn(fault)}: {faultDoes(fault)}. It ends <Ago at={fault.expiresAt} />.{' '}
            <Link href="/gateway/faults" className="underline">
              Look at it
            </Link>
          </span>
        </p>
      ))}
      {may && faults.length === 0 ? (
        <Link
          href={`/gateway/faults?caller=${encodeURIComponent(caller)}&callee=${encodeURIComponent(callee)}`}
          className={cn(buttonStyle({ size: 'sm' }), 'mb-3')}
        >
          Make a fault on these calls
        </Link>
      ) : null}
    </>
  )
}
