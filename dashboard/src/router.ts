import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { adminPages } from './admin/admin.routes.js'
import { alertRoutes } from './alerts/alerts.routes.js'
import { approvalPages } from './approvals/approvals.routes.js'
import { authPages } from './auth/auth.routes.js'
import { drillPages } from './drill/drill.routes.js'
import { liveRoutes } from './live/live.routes.js'
import { mePages } from './me/me.routes.js'
import { noticePages } from './notices/notices.routes.js'
import { peopleRoutes } from './people/people.routes.js'
import { policyPages } from './policy/policy.routes.js'
import { recordRoutes } from './records/records.routes.js'
import { recoveryPages } from './recovery/recovery.routes.js'
import { reportRoutes } from './reports/reports.routes.js'
import { reviewPages } from './reviews/reviews.routes.js'
import { ruleRoutes } from './rules/rules.routes.js'
import { redirectFor, startPage } from './session/admit.js'
import { useSession } from './session/use-session.js'

const general: RouteRecordRaw[] = [
  { path: '/', component: () => import('./layout/NotFoundPage.vue'), meta: { title: 'common.product' } },
  {
    path: '/:rest(.*)*',
    component: () => import('./layout/NotFoundPage.vue'),
    meta: { title: 'common.not_found_title', door: 'first_factor' },
  },
]

/** Every page: one list a room. */
export const pages: RouteRecordRaw[] = [
  ...authPages,
  ...recordRoutes,
  ...liveRoutes,
  ...alertRoutes,
  ...peopleRoutes,
  ...ruleRoutes,
  ...reportRoutes,
  ...approvalPages,
  ...policyPages,
  ...reviewPages,
  ...adminPages,
  ...recoveryPages,
  ...noticePages,
  ...drillPages,
  ...mePages,
  ...general,
]

export const createPages = () => {
  const router = createRouter({
    history: createWebHistory(),
    routes: pages,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  const session = useSession()

  router.beforeEach(async (to) => {
    await session.ready()
    const me = session.me.value
    const instead = redirectFor({ path: to.fullPath, ...to.meta }, me, session.setupNeeded.value)
    if (instead) return instead
    if (to.path === '/' && me) return startPage(me)
    return true
  })
  return router
}
