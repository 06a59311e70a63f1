import { adminRoutes } from './admin.routes.js'
import { authRoutes } from './auth.routes.js'
import { deskRoutes } from './desk.routes.js'
import { drillRoutes } from './drill.routes.js'
import { meRoutes } from './me.routes.js'
import { noticeRoutes } from './notices.routes.js'
import { reportRoutes } from './report.routes.js'
import { timelineRoutes } from './timeline.routes.js'
import { triageRoutes } from './triage.routes.js'
import { vaultRoutes } from './vault.routes.js'

export * from './admin.routes.js'
export * from './auth.routes.js'
export * from './common.js'
export * from './desk.routes.js'
export * from './drill.routes.js'
export * from './me.routes.js'
export * from './notices.routes.js'
export * from './report.routes.js'
export * from './route.js'
export * from './timeline.routes.js'
export * from './triage.routes.js'
export * from './vault.routes.js'

/** Every route below /api/v1. The gateway serves exactly these; the OpenAPI document and the dashboard's client are made of them. */
export const routes = {
  ...authRoutes,
  ...meRoutes,
  ...vaultRoutes,
  ...deskRoutes,
  ...triageRoutes,
  ...timelineRoutes,
  ...adminRoutes,
  ...reportRoutes,
  ...noticeRoutes,
  ...drillRoutes,
} as const
export type Routes = typeof routes
export type RouteName = keyof Routes
