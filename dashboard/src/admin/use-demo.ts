import { createSharedComposable, useIntervalFn } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { call } from '../api/client.js'
import { useSession } from '../session/use-session.js'

type DemoState = Awaited<ReturnType<typeof call<'demoState'>>>

/** Progress of the demo data, asked every two seconds while it loads and not otherwise. */
export const useDemo = createSharedComposable(() => {
  const session = useSession()
  const state = shallowRef<DemoState>()
  const timer = useIntervalFn(() => void look().catch(() => undefined), 5_000, { immediate: false })

  const look = async () => {
    state.value = await call('demoState')
    if (state.value.loading) timer.resume()
    else timer.pause()
  }

  return {
    state,
    /** 0…100 while it loads */
    percent: computed(() =>
      state.value?.customers_total ? Math.round((100 * state.value.customers) / state.value.customers_total) : 0,
    ),
    look,
    install: async () => {
      await call('demoInstall')
      await look()
      timer.resume() // the first answer may come before loading has begun
      await session.refresh()
    },
    remove: async () => {
      await call('demoRemove')
      await look()
      await session.refresh()
    },
  }
})
