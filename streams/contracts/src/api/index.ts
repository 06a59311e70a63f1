import { adminRoutes } from './admin.routes.js'
import { approvalRoutes } from './approvals.routes.js'
import { authRoutes } from './auth.routes.js'
import { deskRoutes } from './desk.routes.js'
import { drillRoutes } from './drill.routes.js'
import { leaverRoutes } from './leaver.routes.js'
import { meRoutes } from './me.routes.js'
import { noticeRoutes } from './notices.routes.js'
import { peopleFileRoutes } from './people-file.routes.js'
import { policyRoutes } from './policy.routes.js'
import { powerRoutes } from './power.routes.js'
import { reviewRoutes } from './review.routes.js'
import { recoveryRoutes } from './recovery.routes.js'
import { reportRoutes } from './report.routes.js'
import { ruleRoutes } from './rule.routes.js'
import { timelineRoutes } from './timeline.routes.js'
import { scimRoutes } from './scim.routes.js'
import { tokenRoutes } from './token.routes.js'
import { triageRoutes } from './triage.routes.js'
import { vaultRoutes } from './vault.routes.js'

export * from './admin.routes.js'
export * from './approvals.routes.js'
export * from './auth.routes.js'
export * from './backtest.js'
export * from './common.js'
export * from './desk.routes.js'
export * from './drill.routes.js'
export * from './event-fields.js'
export * from './leaver.routes.js'
export * from './me.routes.js'
export * from './notices.routes.js'
export * from './people-file.routes.js'
export * from './policy.routes.js'
export * from './power.routes.js'
export * from './recovery.routes.js'
export * from './report.routes.js'
export * from './review.routes.js'
export * from './route.js'
export * from './rule.routes.js'
export * from './timeline.routes.js'
export * from './scim.routes.js'
export * from './token-scope.js'
export * from './token.routes.js'
export * from './triage.routes.js'
export * from './vault.routes.js'

/** Every route below /api/v1. The gateway serves exactly these; the OpenAPI document and the dashboard's client are made of them. */
export const routes = {
  ...authRoutes,
  ...meRoutes,
  ...vaultRoutes,
  ...approvalRoutes,
  ...deskRoutes,
  ...ruleRoutes,
  ...triageRoutes,
  ...timelineRoutes,
  ...adminRoutes,
  ...tokenRoutes,
  ...scimRoutes,
  ...leaverRoutes,
  ...peopleFileRoutes,
  ...policyRoutes,
  ...powerRoutes,
  ...recoveryRoutes,
  ...reportRoutes,
  ...reviewRoutes,
  ...noticeRoutes,
  ...drillRoutes,
} as const
export type Routes = typeof routes
export type RouteName = keyof Routes
