import type { RouteRecordRaw } from 'vue-router'

export const reportRoutes: RouteRecordRaw[] = [
  {
    path: '/reports',
    component: () => import('./ReportsPage.vue'),
    meta: { title: 'reports.title', needs: 'report.read', nav: 60, key: 'o' },
  },
  {
    path: '/reports/schedules',
    component: () => import('./SchedulesPage.vue'),
    meta: { title: 'reports.tabs.schedules', needs: 'report.read' },
  },
  {
    path: '/reports/runs',
    component: () => import('./RunsPage.vue'),
    meta: { title: 'reports.tabs.runs', needs: 'report.read' },
  },
  {
    path: '/reports/runs/:id',
    component: () => import('./RunPage.vue'),
    props: true,
    meta: { title: 'reports.run', needs: 'report.read' },
  },
]
