/** Structured logs: one JSON object a line, on standard output. */
import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

export type Log = Logger

/** A logger. Whatever is named like a secret is left out, wherever it comes from. `destination`: for tests. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[left out]' },
  }
  return destination ? pino(options, destination) : pino(options)
}

const SECRETS = ['token', 'adminToken', 'password', 'secret', 'authorization', 'cookie', 'headers.authorization']
