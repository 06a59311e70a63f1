import type { RouteRecordRaw } from 'vue-router'

export const adminPages: RouteRecordRaw[] = [
  {
    path: '/admin/accounts',
    component: () => import('./AccountsPage.vue'),
    meta: { title: 'admin.accounts.title', needs: 'account.manage', nav: 70, key: 'm' },
  },
  {
    path: '/admin/tokens',
    component: () => import('./TokensPage.vue'),
    meta: { title: 'auth.tokens.title', needs: 'account.manage', nav: 85 },
  },
  {
    path: '/admin/ingest',
    component: () => import('./IngestPage.vue'),
    meta: { title: 'admin.ingest.title', needs: 'ingest.manage', nav: 80, key: 'i' },
  },
  {
    path: '/admin/demo',
    component: () => import('./DemoPage.vue'),
    meta: { title: 'admin.demo.title', needs: 'demo.manage', nav: 90, key: 'd' },
  },
]
