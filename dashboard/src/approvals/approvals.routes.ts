import type { RouteRecordRaw } from 'vue-router'

export const approvalPages: RouteRecordRaw[] = [
  {
    path: '/approvals',
    component: () => import('./ApprovalsPage.vue'),
    meta: { title: 'approvals.title', needs: 'approval.read', nav: 55, key: 'v' },
  },
  {
    path: '/approvals/new',
    component: () => import('./AskPage.vue'),
    meta: { title: 'approvals.new', needs: 'approval.request' },
  },
  {
    path: '/approvals/:id',
    component: () => import('./ApprovalPage.vue'),
    props: true,
    meta: { title: 'approvals.one', needs: 'approval.read' },
  },
]
