import type { RouteRecordRaw } from 'vue-router'

export const policyPages: RouteRecordRaw[] = [
  {
    path: '/policy',
    component: () => import('./PolicyPage.vue'),
    meta: { title: 'policy.title', needs: 'policy.read', nav: 60, key: 'o' },
  },
]
