/** What the benchmarks use of cockatiel (npm install --prefix bench), where it is installed: no dependency of the project. */
interface Policy {
  execute<T>(run: () => Promise<T>): Promise<T>
}

interface Cockatiel {
  handleAll: unknown
  ExponentialBackoff: new () => unknown
  SamplingBreaker: new (options: { threshold: number; duration: number; minimumRps: number }) => unknown
  TimeoutStrategy: { Aggressive: unknown }
  retry(of: unknown, options: { maxAttempts: number; backoff: unknown }): Policy
  timeout(ms: number, strategy: unknown): Policy
  circuitBreaker(of: unknown, options: { halfOpenAfter: number; breaker: unknown }): Policy
  wrap(...policies: Policy[]): Policy
}

/** Throws when it is not installed. */
export async function cockatiel(): Promise<Cockatiel> {
  const name = 'cockatiel'
  return (await import(name)) as Cockatiel
}
