import type { RouteRecordRaw } from 'vue-router'

export const reviewPages: RouteRecordRaw[] = [
  {
    path: '/reviews',
    component: () => import('./MyPeoplePage.vue'),
    meta: { title: 'reviews.mine', needs: 'review.decide', nav: 64 },
  },
  {
    path: '/access-reviews',
    component: () => import('./ReviewsPage.vue'),
    meta: { title: 'reviews.title', needs: 'review.read', nav: 65 },
  },
  {
    path: '/access-reviews/:id',
    component: () => import('./ReviewPage.vue'),
    props: true,
    meta: { title: 'reviews.one', needs: 'review.read' },
  },
]
