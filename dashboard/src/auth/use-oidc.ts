import { createSharedComposable } from '@vueuse/core'
import { shallowRef } from 'vue'
import { call } from '../api/client.js'

const returnKey = 'custodia-after-oidc'

/** The OpenID provider of this house, where there is one: what its button says, the way there, and where to go on afterwards. */
export const useOidc = createSharedComposable(() => {
  const name = shallowRef<string>()
  void call('setupState')
    .then(({ oidc }) => (name.value = oidc?.name))
    .catch(() => undefined) // without it there is the password
  return {
    name,
    leave: async (to: unknown) => {
      const { url } = await call('oidcBegin')
      if (typeof to === 'string') sessionStorage.setItem(returnKey, to)
      location.assign(url)
    },
    takeReturn: (): string | undefined => {
      const to = sessionStorage.getItem(returnKey) ?? undefined
      sessionStorage.removeItem(returnKey)
      return to
    },
  }
})
