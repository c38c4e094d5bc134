/** The body and the headers of a call, as they are sent. */
import { formatTraceparent, type Trace } from './trace.ts'

export function encode(body: unknown): { data: Uint8Array | string | undefined; headers: Record<string, string> } {
  if (body === undefined) return { data: undefined, headers: {} }
  if (body instanceof Uint8Array) return { data: body, headers: { 'content-length': String(body.byteLength) } }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  return { data: text, headers: { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) } }
}

export function lowerCased(headers: Record<string, string> | undefined): Record<string, string> {
  if (!headers) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

export function traceHeaders(trace: Trace): Record<string, string> {
  const traceparent = formatTraceparent(trace)
  return trace.state === undefined ? { traceparent } : { traceparent, tracestate: trace.state }
}
