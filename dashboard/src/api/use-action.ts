import { shallowRef, type ShallowRef } from 'vue'
import { asProblem, type ApiProblem } from './problem.js'

export interface Action<A extends unknown[]> {
  busy: ShallowRef<boolean>
  problem: ShallowRef<ApiProblem | undefined>
  /** True when it was done; false when it failed (see `problem`) or was already running. */
  run: (...args: A) => Promise<boolean>
}

/** A button's work: busy while it runs, once at a time, its problem kept for the page to show. */
export const useAction = <A extends unknown[]>(work: (...args: A) => Promise<unknown>): Action<A> => {
  const busy = shallowRef(false)
  const problem = shallowRef<ApiProblem>()
  const run = async (...args: A) => {
    if (busy.value) return false
    busy.value = true
    problem.value = undefined
    try {
      await work(...args)
      return true
    } catch (error) {
      problem.value = asProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, run }
}
