'use client'
import { Plus } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from 'react'
import type { MiddlewareSpec } from '@/core/gateway/catalog'
import { STEPS_MAX } from '@/core/gateway/route'
import { useServices } from '../../live'
import { Button } from '../../ui/button'
import { Menu } from '../../ui/menu'
import { type DraftStep, moved, withStep } from '../draft'
import type { Problems } from '../problems'
import { StepCard } from './step-card'

let lastKey = 0
export const newKey = () => `step ${++lastKey}`

/** The chain: an ordered list, the outermost first. Steps move by dragging and by the arrow keys. */
export function ChainEditor(props: {
  steps: readonly DraftStep[]
  catalog: readonly MiddlewareSpec[]
  policies: readonly string[]
  problems: Problems
  disabled: boolean
  onChange: (steps: DraftStep[]) => void
}) {
  const { steps, catalog, disabled, onChange } = props
  const services = useServices()
  const list = useRef<HTMLOListElement>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [dragged, setDragged] = useState<string | null>(null)
  const [told, setTold] = useState('')
  const latest = useRef(steps)
  const moving = useRef<string | null>(null)
  // An element that is put elsewhere in the document loses the focus.
  useLayoutEffect(() => {
    latest.current = steps
    if (moving.current === null) return
    list.current
      ?.querySelector<HTMLElement>(`[data-step="${moving.current}"] [data-grip]`)
      ?.focus({ preventScroll: true })
    moving.current = null
  }, [steps])
  const specOf = (use: string) => catalog.find(({ name }) => name === use)

  function move(key: string, to: number) {
    const from = latest.current.findIndex((step) => step.key === key)
    if (from < 0 || to < 0 || to >= latest.current.length || to === from) return
    const next = moved(latest.current, from, to)
    const step = next[to] as DraftStep
    moving.current = key
    latest.current = next
    setTold(`${specOf(step.use)?.title ?? step.use} is now at place ${to + 1} of ${next.length}.`)
    onChange(next)
  }

  function onKey(event: KeyboardEvent, key: string, at: number) {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: steps.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    move(key, to)
  }

  /** The step goes where the pointer is: to the place of the row whose middle it has crossed. */
  function onGrip(event: PointerEvent, key: string) {
    if (event.button !== 0) return
    event.preventDefault()
    ;(event.currentTarget as HTMLElement).focus()
    setDragged(key)
    const { pointerId } = event
    const ended = new AbortController()
    const { signal } = ended
    const onMove = (at: globalThis.PointerEvent) => {
      if (at.pointerId !== pointerId) return
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-step]') ?? [])]
      const from = latest.current.findIndex((step) => step.key === key)
      const middle = (row: HTMLElement) => row.getBoundingClientRect().top + row.offsetHeight / 2
      let to = from
      for (let i = from - 1; i >= 0 && at.clientY < middle(rows[i] as HTMLElement); i--) to = i
      for (let i = from + 1; i < rows.length && at.clientY > middle(rows[i] as HTMLElement); i++) to = i
      move(key, to)
    }
    const onEnd = (at: globalThis.PointerEvent) => {
      if (at.pointerId !== pointerId) return
      setDragged(null)
      ended.abort()
    }
    window.addEventListener('pointermove', onMove, { signal })
    window.addEventListener('pointerup', onEnd, { signal })
    window.addEventListener('pointercancel', onEnd, { signal })
  }

  const toggle = (key: string, is: boolean) => {
    const next = new Set(open)
    if (is) next.add(key)
    else next.delete(key)
    setOpen(next)
  }

  return (
    <div className="grid min-w-0 grid-cols-1 gap-1.5">
      <End>A request comes in</End>
      <ol ref={list} aria-label="Steps of the chain" className="grid grid-cols-1 gap-1.5">
        {steps.map((step, at) => (
          <StepCard
            key={step.key}
            step={step}
            spec={specOf(step.use)}
            at={at}
            of={steps.length}
            open={open.has(step.key)}
            dragged={dragged === step.key}
            problems={props.problems.steps[at] ?? {}}
            disabled={disabled}
            optionsOf={(field) =>
              field === 'service' ? services.map(({ name }) => name) : field === 'policy' ? props.policies : undefined
            }
            onOpen={(is) => toggle(step.key, is)}
            onConfig={(config) => onChange(steps.map((other) => (other === step ? { ...step, config } : other)))}
            onRemove={() => onChange(steps.filter((other) => other !== step))}
            onGrip={(event) => onGrip(event, step.key)}
            onKey={(event) => onKey(event, step.key, at)}
          />
        ))}
      </ol>
      {disabled ? null : (
        <Menu
          align="start"
          trigger={
            <Button size="sm" className="justify-self-start" disabled={steps.length >= STEPS_MAX}>
              <Plus aria-hidden /> Add to the chain
            </Button>
          }
          items={catalog.map((spec) => ({
            label: (
              <span className="grid max-w-80">
                <span>{spec.title}</span>
                <span className="text-xs text-muted">{spec.help}</span>
              </span>
            ),
            disabled: !spec.repeatable && steps.some(({ use }) => use === spec.name),
            onSelect: () => {
              const key = newKey()
              onChange(withStep(steps, spec, key))
              toggle(key, spec.fields.length > 0)
            },
          }))}
        />
      )}
      <End>The service is asked; its answer passes the chain from the last to the first</End>
      <p className="sr-only" aria-live="polite">
        {told}
      </p>
    </div>
  )
}

function End({ children }: { children: string }) {
  return <p className="pl-2 text-xs text-muted">↓ {children}</p>
}
