import { ValidationError } from '../core/errors.ts'
import { Holdfast, type HoldfastOptions } from './holdfast.ts'
import { systemTime } from './time.ts'

export interface ConnectOptions extends HoldfastOptions {
  /** how long to try to reach the control plane; default 10,000 */
  connectTimeoutMs?: number | undefined
  /**
   * `false`: resolves at once and connects, then registers, as soon as the control plane can be reached. For processes
   * that must work without it; what keeps it from registering is told as a `problem`. Default true.
   */
  wait?: boolean | undefined
}

/**
 * Connects to the control plane and, with `service`, registers; resolves when both are done. From then on it keeps the
 * connection, the registration and the local copies by itself.
 * Throws NetworkError (not reachable in time), UnauthenticatedError and ForbiddenError (token), ConflictError (the id
 * is another's), ValidationError.
 */
export async function connect(options: ConnectOptions): Promise<Holdfast> {
  if (options.server && !options.service) {
    throw new ValidationError('"server" is drained together with a registration: give "service" too, or leave it out')
  }
  const holdfast = new Holdfast(options, { time: systemTime, random: Math.random })
  if (options.wait === false) {
    holdfast.startLater()
    return holdfast
  }
  try {
    await holdfast.start(options.connectTimeoutMs ?? 10_000)
  } catch (error) {
    // A server that was handed over stays as it is: whether to go on without a control plane is the caller's decision.
    await holdfast.abandon()
    throw error
  }
  return holdfast
}
