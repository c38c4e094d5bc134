/** What `/metrics` shows, in the Prometheus text format. One registry an instance of the control plane. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Loops } from './loops.ts'

export interface CounterOptions {
  name: string
  help: string
  labels?: readonly string[]
}

export interface HistogramOptions extends CounterOptions {
  /** upper bounds, in the unit of the name */
  buckets: readonly number[]
}

/** A value read when it is asked for, so that nothing is kept up to date that nobody looks at. */
export type Sample = number | readonly { labels: Record<string, string>; value: number }[]

export class Metrics {
  readonly registry = new Registry()

  constructor(options: { processMetrics?: boolean } = {}) {
    if (options.processMetrics !== false) collectDefaultMetrics({ register: this.registry })
  }

  counter(options: CounterOptions): Counter<string> {
    return new Counter({
      name: options.name,
      help: options.help,
      labelNames: options.labels ?? [],
      registers: [this.registry],
    })
  }

  histogram(options: HistogramOptions): Histogram<string> {
    const { name, help, labels = [], buckets } = options
    return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [this.registry] })
  }

  gauge(options: CounterOptions, read: () => Sample): Gauge<string> {
    const { name, help, labels = [] } = options
    return new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      collect() {
        this.reset()
        const sample = read()
        if (typeof sample === 'number') this.set(sample)
        else for (const { labels, value } of sample) this.set(labels, value)
      },
    })
  }

  /** A count that is kept elsewhere and only ever grows. */
  total(options: CounterOptions, read: () => Sample): Counter<string> {
    const { name, help, labels = [] } = options
    return new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      collect() {
        this.reset()
        const sample = read()
        if (typeof sample === 'number') this.inc(sample)
        else for (const { labels, value } of sample) this.inc(labels, value)
      },
    })
  }

  get contentType(): string {
    return this.registry.contentType
  }

  render(): Promise<string> {
    return this.registry.metrics()
  }
}

/** The loops' own figures. */
export function watchLoops(metrics: Metrics, loops: Loops): void {
  const labels = ['loop']
  const of = (read: (stats: ReturnType<Loops['stats']>[number]) => number) => () =>
    loops.stats().map((stats) => ({ labels: { loop: stats.name }, value: read(stats) }))
  metrics.total(
    { name: 'holdfast_loop_runs_total', help: 'Runs of a loop.', labels },
    of((s) => s.runs),
  )
  metrics.total(
    { name: 'holdfast_loop_errors_total', help: 'Runs of a loop that failed.', labels },
    of((s) => s.errors),
  )
  metrics.total(
    { name: 'holdfast_loop_skipped_total', help: 'Periods left out by a run still going on.', labels },
    of((s) => s.skipped),
  )
  metrics.gauge(
    { name: 'holdfast_loop_drift_seconds', help: 'How late the last run began.', labels },
    of((s) => s.driftMs / 1000),
  )
  metrics.gauge(
    { name: 'holdfast_loop_duration_seconds', help: 'How long the last run took.', labels },
    of((s) => s.durationMs / 1000),
  )
  metrics.gauge(
    {
      name: 'holdfast_event_loop_lag_seconds',
      help: 'How long the event loop was held up since the last look.',
      labels: ['figure'],
    },
    () => {
      const { meanMs, p99Ms, maxMs } = loops.lag()
      loops.resetLag()
      return Object.entries({ mean: meanMs, p99: p99Ms, max: maxMs }).map(([figure, ms]) => ({
        labels: { figure },
        value: ms / 1000,
      }))
    },
  )
}
