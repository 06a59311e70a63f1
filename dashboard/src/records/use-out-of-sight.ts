import { useEventListener } from '@vueuse/core'

/** Calls back when nobody can be sure who is looking: the window lost its focus, or the tab is in the background. */
export const useOutOfSight = (hide: () => void): void => {
  useEventListener(window, 'blur', hide)
  useEventListener(document, 'visibilitychange', () => {
    if (document.visibilityState === 'hidden') hide()
  })
}
