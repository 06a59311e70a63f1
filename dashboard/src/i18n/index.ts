import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import { en } from './en/index.js'
import { LOCALE_KEY, preferredLocale, type Locale } from './locale.js'
import type { PathsOf } from './translated.js'
import { zhCN } from './zh-CN/index.js'

export type TextKey = PathsOf<typeof en>
/** A text with its numbers filled in; `n` also chooses between singular and plural. */
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string

/** Language follows the browser until somebody switches it. */
export const createText = () =>
  createI18n({
    legacy: false,
    locale: preferredLocale(localStorage.getItem(LOCALE_KEY), navigator.languages),
    fallbackLocale: 'en',
    messages: { en, 'zh-CN': zhCN },
  })

type Untyped = (key: string, values: Record<string, string | number>, plural: number) => string
const typed =
  (translate: Untyped): Translate =>
  (key, values = {}) =>
    translate(key, values, typeof values['n'] === 'number' ? values['n'] : 1)

/** `t` with checked keys, and the language switch. */
export const useText = (): { t: Translate; locale: WritableComputedRef<Locale>; zh: ComputedRef<boolean> } => {
  const { t, locale } = useI18n({ useScope: 'global' })
  const current = computed<Locale>({
    get: () => locale.value as Locale,
    set: (value) => {
      locale.value = value
      localStorage.setItem(LOCALE_KEY, value)
    },
  })
  return { t: typed(t as Untyped), locale: current, zh: computed(() => current.value === 'zh-CN') }
}
