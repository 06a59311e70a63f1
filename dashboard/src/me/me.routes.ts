import type { RouteRecordRaw } from 'vue-router'

export const mePages: RouteRecordRaw[] = [
  { path: '/me', component: () => import('./FactorsPage.vue'), meta: { title: 'common.my_factors' } },
]
