'use client'
import { JITTERS } from '@/core/backoff'
import { DEFAULT_POLICY, FAILURES, type RetryPolicy, type Source } from '@/core/policy'
import { Segmented } from '../ui/segmented'
import { Switch } from '../ui/switch'
import { NumberInput, Setting } from './setting'
import { FAILURE_WORDS, JITTER_WORDS, span } from './words'

export interface SettingsProps {
  policy: RetryPolicy
  sources: Record<keyof RetryPolicy, Source>
  problem: { field: keyof RetryPolicy; message: string } | null
  disabled: boolean
  /** undefined: let it come from code */
  onChange: <K extends keyof RetryPolicy>(field: K, value: RetryPolicy[K] | undefined) => void
}

const DAY_MS = 86_400_000

/** Every value of a policy, in the order in which they matter. */
export function Settings(props: SettingsProps) {
  const { policy, disabled, onChange } = props
  const about = (field: keyof RetryPolicy) => ({
    source: props.sources[field],
    problem: props.problem?.field === field ? props.problem.message : null,
    onReset: disabled ? null : () => onChange(field, undefined),
  })
  const number = (field: 'initialDelayMs' | 'maxDelayMs' | 'multiplier' | 'maxRetries', unit: string, max: number) => ({
    value: policy[field],
    unit,
    max,
    disabled,
    onChange: (value: number | null) => value !== null && onChange(field, value),
  })
  const bound = (field: 'maxElapsedMs' | 'attemptTimeoutMs') => ({
    value: policy[field],
    unit: 'ms',
    max: DAY_MS,
    empty: 'no bound',
    disabled,
    onChange: (value: number | null) => onChange(field, value),
  })
  return (
    <div className="grid grid-cols-1 gap-x-8 border-t border-line sm:max-xl:grid-cols-2">
      <Setting label="Retries" hint="After the first attempt." {...about('maxRetries')}>
        {(control) => <NumberInput control={control} {...number('maxRetries', 'times', 1_000)} />}
      </Setting>
      <Setting
        label="First delay"
        hint={`${span(policy.initialDelayMs)} before the first retry.`}
        {...about('initialDelayMs')}
      >
        {(control) => <NumberInput control={control} {...number('initialDelayMs', 'ms', DAY_MS)} />}
      </Setting>
      <Setting label="Factor" hint="Each delay is so many times the one before." {...about('multiplier')}>
        {(control) => <NumberInput control={control} {...number('multiplier', '×', 10)} />}
      </Setting>
      <Setting
        label="Longest delay"
        hint={`Capped at ${span(policy.maxDelayMs)}, then jittered.`}
        {...about('maxDelayMs')}
      >
        {(control) => <NumberInput control={control} {...number('maxDelayMs', 'ms', DAY_MS)} />}
      </Setting>
      <Setting label="Jitter" hint={JITTER_WORDS[policy.jitter].words} {...about('jitter')}>
        {(control) => (
          <span id={control.id}>
            <Segmented
              label="Jitter"
              options={JITTERS.map((value) => ({ value, label: JITTER_WORDS[value].label }))}
              value={policy.jitter}
              onChange={(value) => !disabled && onChange('jitter', value)}
            />
          </span>
        )}
      </Setting>
      <Setting
        label="Time for everything"
        hint={
          policy.maxElapsedMs === null
            ? 'As long as the caller waits.'
            : `${span(policy.maxElapsedMs)}, attempts and waits together.`
        }
        {...about('maxElapsedMs')}
      >
        {(control) => <NumberInput control={control} {...bound('maxElapsedMs')} />}
      </Setting>
      <Setting
        label="Time for an attempt"
        hint={
          policy.attemptTimeoutMs === null
            ? 'None of its own.'
            : `Aborted after ${span(policy.attemptTimeoutMs)}, then it counts as failed.`
        }
        {...about('attemptTimeoutMs')}
      >
        {(control) => <NumberInput control={control} {...bound('attemptTimeoutMs')} />}
      </Setting>
      <Setting
        label="Retry-After"
        hint="What an answer asks for wins when it is longer."
        {...about('respectRetryAfter')}
      >
        {(control) => (
          <span id={control.id}>
            <Switch
              checked={policy.respectRetryAfter}
              disabled={disabled}
              onChange={(value) => onChange('respectRetryAfter', value)}
            >
              Wait as long as the answer asks for
            </Switch>
          </span>
        )}
      </Setting>
      <Budget {...props} />
      <Setting
        label="What is retried"
        hint="Never what may have had its effect and may not be repeated."
        {...about('retryOn')}
      >
        {(control) => (
          <span id={control.id} className="grid gap-1">
            {FAILURES.map((failure) => (
              <label key={failure} className="flex items-baseline gap-2 text-sm">
                <input
                  type="checkbox"
                  className="translate-y-px accent-(--accent)"
                  checked={policy.retryOn.includes(failure)}
                  disabled={disabled}
                  onChange={(event) =>
                    onChange(
                      'retryOn',
                      FAILURES.filter((f) => (f === failure ? event.target.checked : policy.retryOn.includes(f))),
                    )
                  }
                />
                {FAILURE_WORDS[failure] ?? failure}
              </label>
            ))}
          </span>
        )}
      </Setting>
    </div>
  )
}

function Budget({ policy, sources, problem, disabled, onChange }: SettingsProps) {
  const { budget } = policy
  const change = (part: Partial<NonNullable<typeof budget>>) => budget && onChange('budget', { ...budget, ...part })
  return (
    <Setting
      label="Budget"
      hint={
        budget
          ? 'In each process: when it is spent, a failure is told at once instead of being retried.'
          : 'None: every failure is retried, however many there are.'
      }
      source={sources.budget}
      problem={problem?.field === 'budget' ? problem.message : null}
      onReset={disabled ? null : () => onChange('budget', undefined)}
    >
      {(control) => (
        <span id={control.id} className="grid gap-2">
          <Switch
            checked={budget !== null}
            disabled={disabled}
            onChange={(on) => onChange('budget', on ? DEFAULT_POLICY.budget : null)}
          >
            Bound what retries add
          </Switch>
          {budget ? (
            <>
              <Part
                label="Share of requests"
                unit="% of requests"
                value={budget.ratio * 100}
                max={100}
                disabled={disabled}
                onChange={(n) => change({ ratio: Math.round(n * 100) / 10_000 })}
              />
              <Part
                label="Always allowed a second"
                unit="a second, always"
                value={budget.perSecond}
                max={100_000}
                disabled={disabled}
                onChange={(perSecond) => change({ perSecond })}
              />
              <Part
                label="Always allowed at a time"
                unit="at a time, always"
                value={budget.concurrentMin}
                max={100_000}
                disabled={disabled}
                onChange={(concurrentMin) => change({ concurrentMin })}
              />
            </>
          ) : null}
        </span>
      )}
    </Setting>
  )
}

function Part(props: {
  label: string
  unit: string
  value: number
  max: number
  disabled: boolean
  onChange: (value: number) => void
}) {
  const id = `budget-${props.label.replaceAll(' ', '-')}`
  return (
    <span className="grid">
      <label htmlFor={id} className="sr-only">
        {props.label}
      </label>
      <NumberInput
        control={{ id, 'aria-describedby': `${id}-unit`, 'aria-invalid': undefined }}
        value={Math.round(props.value * 100) / 100}
        unit={props.unit}
        max={props.max}
        disabled={props.disabled}
        onChange={(value) => value !== null && props.onChange(value)}
      />
      <span id={`${id}-unit`} className="sr-only">
        {props.unit}
      </span>
    </span>
  )
}
