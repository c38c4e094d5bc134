'use client'
import { Play, Plus } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { useState } from 'react'
import type { Breakpoint } from '@/core/saga/event'
import type { Counts, DefinitionView } from '@/core/saga/view'
import { DiffView } from '../journal/diff-view'
import { actorWords } from '../journal/names'
import { Section } from '../services/section'
import { useMay } from '../shell/session'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { PageHeader } from '../ui/page-header'
import { Select } from '../ui/select'
import { Table, Td, Th, Tr } from '../ui/table'
import { CountMarks } from './count-marks'
import { DefinitionBreakpoints } from './definition-breakpoints'
import { DefinitionEditor } from './definition-editor'
import { JsonView } from './json-view'
import { definitionParams } from './search-params'
import { comparable, specOf } from './spec-of'
import { StartForm } from './start-form'
import { StepGraph } from './step-graph'
import { useSagaFrames } from './use-saga-frames'
import { actionWords, duration } from './words'

export interface DefinitionDetails {
  definition: DefinitionView
  versions: { version: number; createdAt: number; createdBy: string; steps: number }[]
  latest: number
  breakpoints: Breakpoint[]
  counts: Counts
}

/** One saga: its steps, its versions and what lies between them, its runs, and the start of another. */
export function DefinitionPage(props: { details: DefinitionDetails; against: DefinitionView | null }) {
  const { definition, versions, latest, breakpoints } = props.details
  const [counts, setCounts] = useState(props.details.counts)
  useSagaFrames(definition.name, (frame) => setCounts(frame.counts))
  const { may, why } = useMay('operator')
  const [, setParams] = useQueryStates(definitionParams, { shallow: false, history: 'push' })
  const [open, setOpen] = useState<'start' | 'edit' | null>(null)
  const others = versions.filter(({ version }) => version !== definition.version)
  const name = (version: number) => (version === latest ? `v${version}, the newest` : `v${version}`)
  return (
    <div className="grid grid-cols-1 gap-6 px-4 pt-4 pb-8">
      <PageHeader
        title={definition.name}
        description={definition.description === '' ? `${definition.steps.length} steps.` : definition.description}
        actions={
          <>
            <Select
              label="Version"
              options={versions.map(({ version }) => ({ value: String(version), label: name(version) }))}
              value={String(definition.version)}
              onChange={(version) =>
                void setParams({ version: Number(version) === latest ? null : Number(version), against: null })
              }
            />
            <Button disabled={!may} title={why} onClick={() => setOpen('edit')}>
              <Plus aria-hidden /> New version
            </Button>
            <Button variant="primary" disabled={!may} title={why} onClick={() => setOpen('start')}>
              <Play aria-hidden /> Start a run
            </Button>
          </>
        }
      />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1 text-xs text-muted">
        <CountMarks counts={counts} saga={definition.name} />
        <span>
          v{definition.version} defined <Ago at={definition.createdAt} /> by {actorWords(definition.createdBy)}
        </span>
        {definition.deadlineMs === null ? null : <span>deadline {duration(definition.deadlineMs)}</span>}
        {definition.concurrency === null ? null : <span>at most {definition.concurrency} at once</span>}
        <span>finished runs are kept {definition.retentionDays} days</span>
      </div>
      <div className="-mx-4 border-y border-line bg-surface">
        <StepGraph
          label="Order of the steps"
          steps={definition.steps.map((step) => ({
            name: step.name,
            after: step.after,
            kind: step.kind,
            note:
              step.kind === 'compensatable' ? actionWords(step.action) : `${step.kind}, ${actionWords(step.action)}`,
            mark: null,
            undo: step.undo ? { shape: 'arrow', tone: 'undo', word: 'has an undo' } : null,
            done: false,
          }))}
        />
      </div>
      <Section title="Steps">
        <Table label="Steps of the definition">
          <thead>
            <tr>
              <Th>Step</Th>
              <Th>Kind</Th>
              <Th>Do</Th>
              <Th>Undo</Th>
              <Th className="text-right">Attempts</Th>
              <Th className="text-right">One may take</Th>
            </tr>
          </thead>
          <tbody>
            {definition.steps.map((step) => (
              <Tr key={step.name}>
                <Td className="font-medium">{step.name}</Td>
                <Td className="text-muted">{step.kind}</Td>
                <Td className="mono text-xs">{actionWords(step.action)}</Td>
                <Td className="mono text-xs">
                  {step.undo ? actionWords(step.undo.action) : <span className="font-sans text-faint">none</span>}
                </Td>
                <Td className="text-right tabular-nums">
                  {step.retry.policy ?? step.retry.maxAttempts}
                  {step.undo ? (
                    <span className="text-undo"> ↩{step.undo.retry.policy ?? step.undo.retry.maxAttempts}</span>
                  ) : null}
                </Td>
                <Td className="text-right tabular-nums">{duration(step.timeoutMs)}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </Section>
      <DefinitionBreakpoints definition={definition} breakpoints={breakpoints} />
      {others.length > 0 ? (
        <Section
          title="Against another version"
          aside={
            <Select
              label="Compare with"
              options={[
                { value: '', label: 'Choose a version' },
                ...others.map(({ version }) => ({ value: String(version), label: name(version) })),
              ]}
              value={props.against ? String(props.against.version) : ''}
              onChange={(version) => void setParams({ against: version === '' ? null : Number(version) })}
            />
          }
        >
          {props.against ? (
            <DiffView
              before={comparable(props.against)}
              after={comparable(definition)}
              wide
              none="They say the same but for the order in which they say it."
            />
          ) : (
            <p className="text-sm text-muted">What changed from one version to another, field by field.</p>
          )}
        </Section>
      ) : null}
      <JsonView label="As JSON" value={specOf(definition)} />
      {open === 'start' ? (
        <StartForm open onOpenChange={(is) => setOpen(is ? 'start' : null)} definition={definition} />
      ) : null}
      {open === 'edit' ? (
        <DefinitionEditor open onOpenChange={(is) => setOpen(is ? 'edit' : null)} spec={specOf(definition)} />
      ) : null}
    </div>
  )
}
