import { useRoute, useRouter } from 'vue-router'
import { safeReturn, startPage } from '../session/admit.js'
import { useSession } from '../session/use-session.js'

/** Signed in: back to where the reader wanted to go, or to the start page of their role. */
export const useAfterSignIn = () => {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  return async () => {
    await session.refresh()
    const me = session.me.value
    await router.replace(safeReturn(route.query['to']) ?? (me ? startPage(me) : '/sign-in'))
  }
}
