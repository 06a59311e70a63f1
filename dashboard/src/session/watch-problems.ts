import type { Router } from 'vue-router'
import { onProblem } from '../api/client.js'
import { safeReturn } from './admit.js'
import { useSession } from './use-session.js'

/** Any answer may end the session: it leads to the sign-in page, which brings the reader back, or to the paused page. */
export const watchProblems = (router: Router): void => {
  const session = useSession()

  const toSignIn = async (again: boolean) => {
    const here = router.currentRoute.value
    if (again) await session.refresh().catch(session.forget)
    else session.forget()
    const to = safeReturn(here.fullPath)
    await router.push({ path: '/sign-in', query: to ? { to } : {} })
  }

  onProblem(({ code, extras }) => {
    if (code === 'account_frozen') {
      session.freeze(extras)
      session.forget()
      void router.push('/frozen')
    } else if (code === 'enrolment_required') {
      void router.push('/enrol')
    } else if ((code === 'not_signed_in' || code === 'second_factor_required') && session.me.value?.level === 'full') {
      void toSignIn(code === 'second_factor_required')
    }
  })
}
