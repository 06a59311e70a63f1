import type { RouteRecordRaw } from 'vue-router'

export const noticePages: RouteRecordRaw[] = [
  {
    path: '/admin/notices',
    component: () => import('./NoticesPage.vue'),
    meta: { title: 'notices.title', needs: 'notice.read', nav: 85, key: 'n' },
  },
]
