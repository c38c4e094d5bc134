import { holdfastError } from '@/components/trpc'

/** Runs a call; what it throws is an Error whose message is meant for people. */
export async function act<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (thrown) {
    throw new Error(holdfastError(thrown).message, { cause: thrown })
  }
}
