import type { RouteRecordRaw } from 'vue-router'

export const liveRoutes: RouteRecordRaw[] = [
  {
    path: '/live',
    component: () => import('./LivePage.vue'),
    meta: { title: 'live.title', needs: 'live.read', nav: 10, key: 'l', desk: true },
  },
]
