import { ValidationError } from '../core/errors.ts'

const SERVICE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/
const PROTOCOL = /^[a-z][a-z0-9+-]{0,15}$/

/**
 * The server's rule, applied here too: operations of one turn share a message, and a bad name must fail its own caller
 * only.
 */
export function assertServiceName(name: string): void {
  if (typeof name === 'string' && SERVICE.test(name)) return
  throw new ValidationError(`"${name}" is no service name: letters, digits, ".", "_" and "-", such as "payments-2"`)
}

export function assertProtocol(protocol: string): void {
  if (PROTOCOL.test(protocol)) return
  throw new ValidationError(`"${protocol}" is no protocol name: a short word in lower case, such as "http" or "sql"`)
}
