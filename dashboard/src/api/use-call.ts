import { shallowRef, type ShallowRef } from 'vue'
import { tryOnScopeDispose } from '@vueuse/core'
import { asProblem, type ApiProblem } from './problem.js'

export interface Loading<T> {
  data: ShallowRef<T | undefined>
  problem: ShallowRef<ApiProblem | undefined>
  loading: ShallowRef<boolean>
  /** Asks (again). An older answer that comes late is dropped; the data shown stays until the new one is here. */
  load: () => Promise<void>
}

/** Data of a page: what it shows while loading, when it failed, and how it tries again. */
export const useCall = <T>(ask: (signal: AbortSignal) => Promise<T>, { immediate = true } = {}): Loading<T> => {
  const data = shallowRef<T>()
  const problem = shallowRef<ApiProblem>()
  const loading = shallowRef(false)
  let running = new AbortController()

  const load = async () => {
    running.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const answer = await ask(mine.signal)
      if (mine.signal.aborted) return
      data.value = answer
      problem.value = undefined
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error)
    } finally {
      if (!mine.signal.aborted) loading.value = false
    }
  }

  tryOnScopeDispose(() => running.abort())
  if (immediate) void load()
  return { data, problem, loading, load }
}
