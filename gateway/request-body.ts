/** The body of a request on its way to the service: what fails there does not cut the client's connection. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { Refused } from './problem.ts'

/** Bodies up to here are read whole first, so that a retry can send them again. */
export const WHOLE_MAX = 65_536
/** The longest silence of a client in the middle of its body. */
const IDLE_MS = 60_000

export type BodyState = { bytes: number; complete: boolean }

export function hasBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length']
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** A small body, whole. @throws Refused when the client falls silent or goes */
export function readWhole(
  req: IncomingMessage,
  state: BodyState,
  onCancel: (hook: (why: Refused) => void) => () => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let timer: NodeJS.Timeout | null = null
    let offCancel = () => {}
    const over = () => {
      clearTimeout(timer as unknown as NodeJS.Timeout)
      req.off('data', data)
      req.off('end', end)
      req.off('close', closed)
      offCancel()
    }
    const data = (chunk: Buffer) => {
      state.bytes += chunk.length
      chunks.push(chunk)
      timer?.refresh()
    }
    const end = () => {
      over()
      state.complete = true
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    }
    const closed = () => {
      over()
      reject(new Refused(400, 'client', 'The client went away in the middle of its body.'))
    }
    timer = setTimeout(() => {
      over()
      reject(silent())
    }, IDLE_MS)
    offCancel = onCancel((why) => {
      over()
      reject(why)
    })
    req.on('data', data)
    req.on('end', end)
    req.on('close', closed)
  })
}

/** The rest of the body as it comes. */
export class RequestBody extends Readable {
  readonly #req: IncomingMessage
  readonly #state: BodyState
  readonly #bytesMax: number
  #timer: NodeJS.Timeout | null = null
  #begun = false

  constructor(req: IncomingMessage, state: BodyState, bytesMax: number) {
    super({ highWaterMark: 65_536 })
    this.#req = req
    this.#state = state
    this.#bytesMax = bytesMax
  }

  override _read(): void {
    this.#timer ??= setTimeout(() => this.destroy(silent()), IDLE_MS).unref()
    if (!this.#begun) {
      this.#begun = true
      this.#req.on('data', this.#data)
      this.#req.on('end', this.#end)
      this.#req.on('close', this.#closed)
      return
    }
    this.#req.resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#disarm()
    this.#req.off('data', this.#data)
    this.#req.off('end', this.#end)
    this.#req.off('close', this.#closed)
    callback(error)
  }

  readonly #data = (chunk: Buffer) => {
    this.#state.bytes += chunk.length
    if (this.#state.bytes > this.#bytesMax) {
      this.destroy(new Refused(413, 'limit', `The body is longer than ${this.#bytesMax} bytes.`))
      return
    }
    this.#timer?.refresh()
    if (this.push(chunk)) return
    this.#req.pause()
    // A service that takes its time is not a silent client.
    this.#disarm()
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  readonly #end = () => {
    this.#state.complete = true
    this.push(null)
  }

  readonly #closed = () => {
    if (!this.#state.complete)
      this.destroy(new Refused(400, 'client', 'The client went away in the middle of its body.'))
  }
}

function silent(): Refused {
  return new Refused(408, 'timeout', `The client sent nothing of its body for ${IDLE_MS / 1000} s.`)
}
