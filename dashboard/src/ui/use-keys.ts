import { onKeyStroke, useTimeoutFn } from '@vueuse/core'
import { shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import type { NavEntry } from '../layout/navigation.js'

const typing = (event: KeyboardEvent): boolean =>
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]') !== null)

/** A key of a page, e.g. `a` to acknowledge: never while somebody types or with a modifier. */
export const usePageKey = (key: string, act: () => void): void => {
  onKeyStroke(key, (event) => {
    if (typing(event) || document.querySelector('[aria-modal=true], .n-modal-container .n-modal')) return
    event.preventDefault()
    act()
  })
}

/** `?` shows the keys, `/` goes to the search field, `g` and a letter to a page. */
export const useGlobalKeys = (entries: () => NavEntry[]) => {
  const help = shallowRef(false)
  const router = useRouter()
  let going = false
  const forget = useTimeoutFn(() => (going = false), 1500, { immediate: false })

  onKeyStroke(true, (event) => {
    if (typing(event)) return
    if (going) {
      going = false
      const entry = entries().find((each) => each.key === event.key)
      if (!entry) return
      event.preventDefault()
      void router.push(entry.path)
    } else if (event.key === 'g') {
      going = true
      forget.start()
    } else if (event.key === '?') {
      help.value = !help.value
    } else if (event.key === '/') {
      const field = document.querySelector<HTMLInputElement>('main input[type=search], main [data-search] input')
      if (field) event.preventDefault()
      field?.focus()
    }
  })
  return { help }
}
