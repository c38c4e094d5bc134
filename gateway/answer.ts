/** What goes back to a client. */
import type { Refusal } from '../core/gateway/view.ts'

/** Where a body goes. */
export interface Sink {
  /** false: hold on until `resume` of the body is called */
  data(chunk: Buffer): boolean
  /** `trailers`: names and values in turn */
  end(trailers: string[] | null): void
  /** what was sent so far is not all */
  fail(error: Error): void
}

/** A body that is on its way. */
export interface Source {
  /** all of it, when it has come already and nothing follows it; then it is taken. Not after `pipe`. */
  whole?(): Buffer | null
  pipe(sink: Sink): void
  resume(): void
  /** nobody wants the rest */
  abort(): void
}

export interface Answer {
  status: number
  /** names and values in turn, as they are to be sent */
  headers: string[]
  body: Buffer | Source | null
  /** set when the service did not answer itself: which part did, and why */
  refusal?: Refusal
  error?: string
}

export function isSource(body: Answer['body']): body is Source {
  return body !== null && !Buffer.isBuffer(body)
}

/** The value of a header, by lower-case name; undefined: there is none. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const key = headers[i] as string
    if (key.length === name.length && (key === name || key.toLowerCase() === name)) return headers[i + 1]
  }
  return undefined
}

export function removeHeader(headers: string[], name: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const key = headers[i] as string
    if (key.length === name.length && key.toLowerCase() === name) headers.splice(i, 2)
  }
}

export function setHeader(headers: string[], name: string, value: string): void {
  removeHeader(headers, name.toLowerCase())
  headers.push(name, value)
}
