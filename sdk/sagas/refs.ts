/** Values that are not known yet, such as `at.steps.reserve.output.id`: written down as the path to where they will be. */
import { ValidationError } from '../../core/errors.ts'

declare const REF: unique symbol
interface IsRef {
  readonly [REF]?: true
}

/** Nobody has said what it is. */
export interface AnyRef extends IsRef {
  readonly [field: string]: AnyRef
}

export type Ref<T> = [unknown] extends [T]
  ? AnyRef
  : [Exclude<T, null | undefined>] extends [object]
    ? IsRef & { readonly [K in keyof Exclude<T, null | undefined>]-?: Ref<Exclude<T, null | undefined>[K]> }
    : string extends T
      ? IsRef
      : [T] extends [string | number | boolean | null | undefined]
        ? IsRef
        : AnyRef

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
