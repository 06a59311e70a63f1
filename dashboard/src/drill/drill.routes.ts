import type { RouteRecordRaw } from 'vue-router'

export const drillPages: RouteRecordRaw[] = [
  {
    path: '/drills',
    component: () => import('./DrillsPage.vue'),
    meta: { title: 'drills.title', needs: 'drill.read', nav: 55, key: 'x' },
  },
]
