import type { RouteRecordRaw } from 'vue-router'

export const peopleRoutes: RouteRecordRaw[] = [
  {
    path: '/people',
    component: () => import('./PeoplePage.vue'),
    meta: { title: 'people.title', needs: 'person.read', nav: 40, key: 'p', desk: true },
  },
  {
    path: '/people/:id',
    component: () => import('./PersonPage.vue'),
    props: true,
    meta: { title: 'people.title', needs: 'person.read', desk: true },
  },
  {
    path: '/people/:id/timeline',
    component: () => import('./TimelinePage.vue'),
    props: true,
    meta: { title: 'people.timeline.heading', needs: 'event.read', desk: true },
  },
  {
    path: '/people/:id/usual',
    component: () => import('./UsualPage.vue'),
    props: true,
    meta: { title: 'people.usual.heading', needs: 'alert.triage', desk: true },
  },
]
