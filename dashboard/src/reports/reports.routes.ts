import type { RouteRecordRaw } from 'vue-router'

export const reportRoutes: RouteRecordRaw[] = [
  {
    path: '/reports',
    component: () => import('./ReportsPage.vue'),
    meta: { title: 'reports.title', needs: 'report.read', nav: 60, key: 'o' },
  },
]
