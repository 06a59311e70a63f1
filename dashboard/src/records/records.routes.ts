import type { RouteRecordRaw } from 'vue-router'

export const recordRoutes: RouteRecordRaw[] = [
  {
    path: '/customers',
    component: () => import('./CustomersPage.vue'),
    meta: { title: 'records.title', needs: 'customer.search', nav: 5, key: 'c' },
  },
  {
    path: '/customers/new',
    component: () => import('./NewCustomerPage.vue'),
    meta: { title: 'records.new.title', needs: 'customer.create' },
  },
  {
    path: '/customers/:id',
    component: () => import('./CustomerPage.vue'),
    props: true,
    meta: { title: 'records.customer', needs: 'customer.view' },
  },
  {
    path: '/customers/:id/timeline',
    component: () => import('./CustomerTimelinePage.vue'),
    props: true,
    meta: { title: 'records.looked.title', needs: 'customer.accesses', desk: true },
  },
]
