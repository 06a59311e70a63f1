import { createSharedComposable, useDebounceFn, useIntervalFn } from '@vueuse/core'
import { call } from '../api/client.js'
import { useCall } from '../api/use-call.js'
import { useLive } from './use-live.js'

const EVERY = 30_000 // each look is written down; what is urgent comes over the socket
const AFTER_A_CHANGE = 400

/** The counts of the live page: asked every quarter of a minute, and at once when an alert or freeze came. */
export const useLiveSummary = createSharedComposable(() => {
  const { onChange } = useLive()
  const summary = useCall((signal) => call('liveSummary', { signal }))
  const soon = useDebounceFn(summary.load, AFTER_A_CHANGE, { maxWait: 2_000 })
  onChange(() => void soon())
  useIntervalFn(summary.load, EVERY)
  return summary
})
