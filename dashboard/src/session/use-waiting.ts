import { createSharedComposable, useDocumentVisibility, useIdle, useIntervalFn } from '@vueuse/core'
import { computed, watch } from 'vue'
import { useSession } from './use-session.js'

const EVERY = 30_000
/** A page that nobody works at must not keep its session alive by asking. */
const AWAY_AFTER = 5 * 60_000

/** What waits for the reader's judgement: requests and emergency uses, people of an access review, changes of power; undefined for those who judge none. */
export const useWaiting = createSharedComposable(() => {
  const { me, renew } = useSession()
  const { idle } = useIdle(AWAY_AFTER)
  const visibility = useDocumentVisibility()
  const approvals = computed(() => me.value?.approvals_waiting)
  const reviews = computed(() => me.value?.reviews_waiting)
  const power = computed(() => me.value?.power_waiting)
  const judges = computed(() => [approvals, reviews, power].some(({ value }) => value !== undefined))
  const atWork = computed(() => judges.value && !idle.value && visibility.value === 'visible')
  useIntervalFn(() => atWork.value && void renew(), EVERY)
  watch(atWork, (now, before) => now && !before && void renew())
  return { approvals, reviews, power }
})
