/**
 * The procedures that every service calls all day. They are ordinary tRPC procedures; over the WebSocket they are also
 * answered without tRPC's per-call machinery (see server/socket.ts), by this same definition.
 */
import type { z } from 'zod'
import type { Principal, Requirement } from '../principal.ts'
import type { Context } from './context.ts'

export interface Direct<I extends z.ZodType, O> {
  access: Requirement
  input: I
  run(ctx: Context & { principal: Principal }, input: z.output<I>): Promise<O>
  /** the JSON of an answer, where it can be had cheaper than by JSON.stringify */
  encode?(output: O): string
}

export function direct<I extends z.ZodType, O>(definition: Direct<I, O>): Direct<I, O> {
  return definition
}

/** The same for a subscription whose messages carry a cursor. */
export interface DirectStream<I extends z.ZodType, M> {
  access: Requirement
  input: I
  stream(ctx: Context & { principal: Principal }, input: z.output<I>, signal: AbortSignal): AsyncIterable<M>
  /** what a client sends as lastEventId to go on after `message` */
  cursor(message: M): string
  encode(message: M): string
}

export function directStream<I extends z.ZodType, M>(definition: DirectStream<I, M>): DirectStream<I, M> {
  return definition
}
