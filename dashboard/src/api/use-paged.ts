import { tryOnScopeDispose } from '@vueuse/core'
import { shallowRef, type ShallowRef } from 'vue'
import { asProblem, type ApiProblem } from './problem.js'

interface Page<T> {
  items: T[]
  next?: string | undefined
  total?: number | undefined
  searched_to?: string | undefined
}

export interface Paged<T> {
  items: ShallowRef<T[]>
  total: ShallowRef<number | undefined>
  /** a search that has not looked through everything yet: so far back it did */
  searchedTo: ShallowRef<string | undefined>
  /** there is another page */
  hasMore: ShallowRef<boolean>
  loading: ShallowRef<boolean>
  /** the first page has come at least once */
  loaded: ShallowRef<boolean>
  problem: ShallowRef<ApiProblem | undefined>
  /** From the first page on, e.g. after a filter changed. */
  restart: () => Promise<void>
  more: () => Promise<void>
}

/** A list that comes in pages by cursor; a restart drops what is still on its way. */
export const usePaged = <T>(
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  { immediate = true } = {},
): Paged<T> => {
  const items = shallowRef<T[]>([])
  const total = shallowRef<number>()
  const searchedTo = shallowRef<string>()
  const hasMore = shallowRef(false)
  const loading = shallowRef(false)
  const loaded = shallowRef(false)
  const problem = shallowRef<ApiProblem>()
  let next: string | undefined
  let running = new AbortController()
  let gone = false

  const load = async (cursor: string | undefined) => {
    if (gone) return // a debounced search may come due after its page was left
    running.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const page = await ask(cursor, mine.signal)
      if (mine.signal.aborted) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      total.value = page.total
      searchedTo.value = page.searched_to
      next = page.next
      hasMore.value = next !== undefined
      loaded.value = true
      problem.value = undefined
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error)
    } finally {
      if (!mine.signal.aborted) loading.value = false
    }
  }

  tryOnScopeDispose(() => {
    gone = true
    running.abort()
  })
  const restart = () => load(undefined)
  const more = () => load(next)
  if (immediate) void restart()
  return { items, total, searchedTo, hasMore, loading, loaded, problem, restart, more }
}
