'use client'
import { useMemo } from 'react'
import type { StepKind } from '@/core/saga/definition'
import { cn } from '../ui/cn'
import { DAG_NODE, dagOf } from './dag'
import { Glyph } from './glyph'
import type { Mark } from './words'

export interface GraphStep {
  name: string
  after: readonly string[]
  kind: StepKind
  note: string
  /** its state; null in a definition, where it has none */
  mark: Mark | null
  undo: Mark | null
  done: boolean
}

/** What comes after what, from left to right. Each step is a button when `onSelect` is given. */
export function StepGraph(props: {
  label: string
  steps: readonly GraphStep[]
  selected?: string | null
  onSelect?: (step: string) => void
}) {
  const { steps, selected = null, onSelect } = props
  const shape = steps.map((step) => `${step.name}<${step.after.join()}`).join(';')
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes after what, not the states
  const dag = useMemo(() => dagOf(steps), [shape])
  const byName = new Map(steps.map((step) => [step.name, step]))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={props.label} tabIndex={0} className="overflow-auto p-4">
      <div className="relative" style={{ width: dag.width, height: dag.height }}>
        <svg aria-hidden width={dag.width} height={dag.height} className="absolute inset-0">
          {dag.edges.map((edge) => {
            const passed = edge.from.every((name) => byName.get(name)?.done)
            return (
              <path
                key={edge.d}
                d={edge.d}
                fill="none"
                stroke={passed ? 'var(--healthy)' : 'var(--line-strong)'}
                strokeWidth={passed ? 1.5 : 1}
              />
            )
          })}
        </svg>
        <ol>
          {dag.nodes.map((node) => {
            const step = byName.get(node.name)
            if (!step) return null
            const Box = onSelect ? 'button' : 'div'
            return (
              <li key={node.name} className="absolute" style={{ left: node.x, top: node.y }}>
                <Box
                  {...(onSelect
                    ? {
                        type: 'button' as const,
                        onClick: () => onSelect(node.name),
                        'aria-pressed': selected === node.name,
                      }
                    : {})}
                  style={{ width: DAG_NODE.width, height: DAG_NODE.height }}
                  className={cn(
                    'flex items-center gap-2 rounded-md border bg-surface px-2.5 text-left [--glyph-ground:var(--surface)]',
                    step.kind === 'pivot' ? 'border-text' : 'border-line-strong',
                    onSelect && 'hover:bg-sunken',
                    selected === node.name && 'border-accent bg-accent-soft hover:bg-accent-soft',
                  )}
                >
                  {step.mark ? <Glyph shape={step.mark.shape} tone={step.mark.tone} size={16} /> : null}
                  <span className="min-w-0 flex-1">
                    <span className="block truncate text-sm font-medium" title={node.name}>
                      {node.name}
                    </span>
                    <span className="block truncate text-xs text-muted" title={step.note}>
                      {step.note}
                    </span>
                  </span>
                  {step.undo ? <Glyph shape={step.undo.shape} tone={step.undo.tone} size={14} /> : null}
                </Box>
              </li>
            )
          })}
        </ol>
      </div>
    </section>
  )
}
