/** Values that are not known yet, such as `at.steps.reserve.output.id`: written down as the path to where they will be. */
import { ValidationError } from '../../core/errors.ts'
import type { Json } from '../../core/saga/definition.ts'

declare const REF: unique symbol
interface IsRef {
  readonly [REF]?: true
}

/** Nobody has said what it is. */
export interface AnyRef extends IsRef {
  readonly [field: string]: AnyRef
}

type Known<T> = Exclude<T, null | undefined>

export type Ref<T> = [Json] extends [T]
  ? AnyRef
  : [Known<T>] extends [object]
    ? IsRef & { readonly [K in keyof Known<T>]-?: Ref<Known<T>[K]> }
    : IsRef

const PLAIN = /^[A-Za-z_][\w-]*$/
const INDEX = /^\d{1,6}$/

/** `path`: in the language of core/saga/template.ts */
export function refTo(path: string): AnyRef {
  return new Proxy({} as AnyRef, {
    get(_target, field) {
      if (field === 'toJSON') return () => path
      if (field === Symbol.toPrimitive)
        throw new ValidationError(`${path} stands for a whole value; it cannot be part of a text.`)
      if (typeof field === 'symbol') return undefined
      if (INDEX.test(field)) return refTo(`${path}[${field}]`)
      return refTo(PLAIN.test(field) ? `${path}.${field}` : `${path}['${field}']`)
    },
  })
}
