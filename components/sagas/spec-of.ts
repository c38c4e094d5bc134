/** A kept definition as one would write it: what is a default, or says nothing, left out. Pure. */
import {
  DO_RETRY,
  LEASE_MS,
  RETENTION_DAYS,
  RETRIABLE_RETRY,
  type Retry,
  type RetrySpec,
  type SagaDefinition,
  type SagaSpec,
  type Step,
  type StepSpec,
  TIMEOUT_MS,
  UNDO_RETRY,
} from '@/core/saga/definition'

const PROBE_TIMEOUT_MS = 10_000

export function specOf(definition: SagaDefinition): SagaSpec {
  const { name, description, inputSchema, deadlineMs, concurrency, retentionDays } = definition
  return {
    name,
    ...(description === '' ? {} : { description }),
    ...(inputSchema === null ? {} : { inputSchema }),
    ...(deadlineMs === null ? {} : { deadlineMs }),
    ...(concurrency === null ? {} : { concurrency }),
    ...(retentionDays === RETENTION_DAYS ? {} : { retentionDays }),
    steps: groups(definition.steps),
  }
}

/** Steps that come after the same ones, and before which the same ones come, are written as one parallel group. */
function groups(steps: readonly Step[]): SagaSpec['steps'] {
  const found: SagaSpec['steps'] = []
  let before: string[] = []
  for (let at = 0; at < steps.length; ) {
    const first = steps[at] as Step
    let end = at + 1
    while (end < steps.length && same((steps[end] as Step).after, first.after) && same(first.after, before)) end += 1
    const group = steps.slice(at, end)
    const implied = same(first.after, before)
    const written = group.map((step) => stepSpec(step, implied))
    if (written.length > 1) found.push({ parallel: written })
    else if (written[0]) found.push(written[0])
    before = group.map(({ name }) => name)
    at = end
  }
  return found
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((name, at) => name === b[at])

function stepSpec(step: Step, implied: boolean): StepSpec {
  const { name, description, kind, action, after, input, inputSchema, undo, probe, timeoutMs, stepTimeoutMs, leaseMs } =
    step
  const base = kind === 'retriable' ? RETRIABLE_RETRY : DO_RETRY
  const retry = retrySpec(step.retry, base)
  const isOwn = (other: unknown) => action.type === 'task' && JSON.stringify(other) === JSON.stringify(action)
  const undoRetry = undo ? retrySpec(undo.retry, UNDO_RETRY) : null
  return {
    name,
    ...(description === '' ? {} : { description }),
    ...(kind === 'compensatable' ? {} : { kind }),
    action,
    ...(implied ? {} : { after }),
    ...(input === undefined ? {} : { input }),
    ...(inputSchema === null ? {} : { inputSchema }),
    ...(undo
      ? {
          undo: {
            ...(isOwn(undo.action) ? {} : { action: undo.action }),
            ...(undo.input === undefined ? {} : { input: undo.input }),
            ...(undoRetry ? { retry: undoRetry } : {}),
            ...(undo.timeoutMs === TIMEOUT_MS ? {} : { timeoutMs: undo.timeoutMs }),
          },
        }
      : {}),
    ...(probe
      ? {
          probe: {
            ...(isOwn(probe.action) ? {} : { action: probe.action }),
            ...(probe.timeoutMs === PROBE_TIMEOUT_MS ? {} : { timeoutMs: probe.timeoutMs }),
          },
        }
      : {}),
    ...(retry ? { retry } : {}),
    ...(timeoutMs === TIMEOUT_MS ? {} : { timeoutMs }),
    ...(stepTimeoutMs === null ? {} : { stepTimeoutMs }),
    ...(leaseMs === LEASE_MS ? {} : { leaseMs }),
  }
}

function retrySpec(retry: Retry, base: Retry): RetrySpec | null {
  const spec: RetrySpec = {
    ...(retry.policy === null ? {} : { policy: retry.policy }),
    ...(retry.maxAttempts === base.maxAttempts ? {} : { maxAttempts: retry.maxAttempts }),
    ...(retry.initialDelayMs === base.initialDelayMs ? {} : { initialDelayMs: retry.initialDelayMs }),
    ...(retry.multiplier === base.multiplier ? {} : { multiplier: retry.multiplier }),
    ...(retry.maxDelayMs === base.maxDelayMs ? {} : { maxDelayMs: retry.maxDelayMs }),
  }
  return Object.keys(spec).length === 0 ? null : spec
}

/** Everything that it says, also what is a default, so that a change from one is told; steps by their names. */
export function comparable(definition: SagaDefinition): Record<string, unknown> {
  const { description, inputSchema, deadlineMs, concurrency, retentionDays, steps } = definition
  return {
    ...said({ description, inputSchema, deadlineMs, concurrency, retentionDays }),
    steps: Object.fromEntries(steps.map(({ name, ...rest }) => [name, said(rest)])),
  }
}

function said(of: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(of).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  )
}
