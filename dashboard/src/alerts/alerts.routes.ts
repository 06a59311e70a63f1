import type { RouteRecordRaw } from 'vue-router'

export const alertRoutes: RouteRecordRaw[] = [
  {
    path: '/alerts',
    component: () => import('./AlertsPage.vue'),
    meta: { title: 'alerts.title', needs: 'alert.read', nav: 20, key: 'a', desk: true },
  },
  {
    path: '/alerts/:id',
    component: () => import('./AlertPage.vue'),
    props: true,
    meta: { title: 'alerts.title', needs: 'alert.read', desk: true },
  },
  {
    path: '/events',
    component: () => import('./EventsPage.vue'),
    meta: { title: 'events.title', needs: 'event.read', nav: 30, key: 'e', desk: true },
  },
]
