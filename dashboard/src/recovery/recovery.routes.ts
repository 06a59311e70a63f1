import type { RouteRecordRaw } from 'vue-router'

export const recoveryPages: RouteRecordRaw[] = [
  {
    path: '/recovery',
    component: () => import('./StopPage.vue'),
    meta: { title: 'recovery.link.title', door: 'public', bare: true },
  },
  {
    path: '/sealed-code',
    component: () => import('./UseCodePage.vue'),
    meta: { title: 'recovery.sealed.use_title', door: 'public', bare: true },
  },
  {
    path: '/admin/sealed-code',
    component: () => import('./SealedCodePage.vue'),
    meta: { title: 'recovery.sealed.title', needs: 'account.manage' },
  },
]
