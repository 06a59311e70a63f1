import type { Router } from 'vue-router'
import { onProblem } from '../api/client.js'
import { safeReturn } from './admit.js'
import { useSession } from './use-session.js'

/** Any answer may end the session: it leads to the sign-in page, which brings the reader back, or to the paused page. */
export const watchProblems = (router: Router): void => {
  const session = useSession()
  onProblem((problem) => {
    const here = router.currentRoute.value
    if (problem.code === 'account_frozen') {
      session.freeze(problem)
      session.forget()
      void router.push('/frozen')
    } else if (
      problem.status === 401 &&
      problem.code !== 'bad_credentials' &&
      session.me.value &&
      here.path !== '/sign-in'
    ) {
      if (problem.code === 'not_signed_in') session.forget()
      const to = safeReturn(here.fullPath)
      void router.push({ path: '/sign-in', query: to ? { to } : {} })
    }
  })
}
