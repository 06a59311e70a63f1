import { createSharedComposable, tryOnScopeDispose } from '@vueuse/core'
import { shallowRef } from 'vue'
import type { TextKey } from '../i18n/index.js'
import { usePageKey } from './use-keys.js'

export interface PageKey {
  key: string
  text: TextKey
  act: () => void
}

export const usePageKeyList = createSharedComposable(() => shallowRef<readonly PageKey[]>([]))

/** Gives a page its keys, and lists them under `?` while the page is open. */
export const usePageKeys = (keys: readonly PageKey[]): void => {
  const list = usePageKeyList()
  list.value = [...list.value, ...keys]
  for (const { key, act } of keys) usePageKey(key, act)
  tryOnScopeDispose(() => {
    list.value = list.value.filter((each) => !keys.includes(each))
  })
}
