import { useEventListener, useTimeoutFn, tryOnScopeDispose } from '@vueuse/core'
import { shallowRef } from 'vue'
import { blob } from '../api/client.js'
import { asProblem, type ApiProblem } from '../api/problem.js'
import { useOutOfSight } from './use-out-of-sight.js'

const idleMs = 60_000

/**
 * One photo at full size. Hidden means gone: its bytes are let go after a minute without movement or when the window
 * loses the focus, and showing it again asks the server again, which is another recorded view.
 */
export const usePhotoView = (photo: () => string, purpose: () => string) => {
  const state = shallowRef<'loading' | 'shown' | 'hidden' | 'refused'>('loading')
  const url = shallowRef<string>()
  const eventId = shallowRef<string>()
  const shownAt = shallowRef('')
  const problem = shallowRef<ApiProblem>()
  let running = new AbortController()

  const letGo = () => {
    running.abort()
    if (url.value) URL.revokeObjectURL(url.value)
    url.value = undefined
  }
  const hide = () => {
    if (state.value !== 'shown') return
    letGo()
    state.value = 'hidden'
  }
  const idle = useTimeoutFn(hide, idleMs, { immediate: false })
  const show = async () => {
    letGo()
    const mine = (running = new AbortController())
    state.value = 'loading'
    try {
      const answer = await blob('photoView', {
        params: { id: photo() },
        query: { purpose: purpose() },
        signal: mine.signal,
      })
      if (mine.signal.aborted) return
      eventId.value = answer.eventId
      shownAt.value = new Date().toISOString()
      // the window was left while the answer was on its way
      if (!document.hasFocus()) return void (state.value = 'hidden')
      url.value = URL.createObjectURL(answer.blob)
      state.value = 'shown'
      idle.start()
    } catch (error) {
      if (mine.signal.aborted) return
      problem.value = asProblem(error)
      state.value = 'refused'
    }
  }

  useEventListener(document, ['pointermove', 'pointerdown', 'keydown', 'wheel'], () => {
    if (state.value === 'shown') idle.start()
  })
  useOutOfSight(hide)
  tryOnScopeDispose(letGo)
  return { state, url, eventId, shownAt, problem, show }
}
