import { FrozenDetail, type Me, type Permission } from '@custodia/contracts'
import { createSharedComposable } from '@vueuse/core'
import { shallowRef } from 'vue'
import { call } from '../api/client.js'
import { ApiProblem } from '../api/problem.js'
import { may } from './admit.js'

/** Who is at the keyboard. Shared by the router's guards and every page. */
export const useSession = createSharedComposable(() => {
  const me = shallowRef<Me>()
  const setupNeeded = shallowRef(false)
  /** Details of the last `account_frozen` answer: what the paused page tells. Kept in memory only. */
  const frozen = shallowRef<FrozenDetail>()
  let asked: Promise<void> | undefined

  const ask = async () => {
    try {
      me.value = await call('me')
    } catch (error) {
      me.value = undefined
      if (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500) throw error
      setupNeeded.value = (await call('setupState')).needed
    }
  }

  return {
    me,
    setupNeeded,
    frozen,
    may: (needs: Permission) => may(me.value, needs),
    /** Asks once; later calls wait for the same answer. A failure is asked again next time. */
    ready: () =>
      (asked ??= ask().catch((error: unknown) => {
        asked = undefined
        throw error
      })),
    /** After a step of signing in: asks anew. */
    refresh: () => {
      setupNeeded.value = false
      return (asked = ask())
    },
    /** Looks again while the page stands: what it shows stays, where no answer comes. */
    renew: async () => {
      const before = me.value
      const now = await call('me').catch(() => undefined)
      if (now && me.value === before) me.value = now // nobody has signed in or out meanwhile
    },
    forget: () => {
      me.value = undefined
      asked = Promise.resolve()
    },
    /** Where to go to end the session at the OpenID provider as well, if the person came from there. */
    signOut: async (): Promise<string | undefined> => {
      const fromOutside = me.value?.door === 'oidc'
      const done = fromOutside ? call('oidcSignOut').then(({ url }) => url) : call('signOut').then(() => undefined)
      return done.finally(() => {
        me.value = undefined
        asked = Promise.resolve()
      })
    },
    /** Keeps what an `account_frozen` problem says. */
    freeze: (extras: Record<string, unknown>) => {
      frozen.value = FrozenDetail.safeParse(extras).data
    },
  }
})
