import { createSharedComposable, useIntervalFn } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { useText } from '../i18n/index.js'
import { useSession } from '../session/use-session.js'
import type { Zoned } from './format.js'

/** One ticking minute hand for the whole page. */
export const useMinute = createSharedComposable(() => {
  const now = shallowRef(Date.now())
  useIntervalFn(() => (now.value = Date.now()), 15_000)
  return now
})

/** Language and time zone of the reader: the account's zone once signed in, the browser's before. */
export const useZoned = () => {
  const { locale } = useText()
  const { me } = useSession()
  return computed<Zoned>(() => ({
    locale: locale.value,
    zone: me.value?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  }))
}
