import type { RouteRecordRaw } from 'vue-router'

export const authPages: RouteRecordRaw[] = [
  {
    path: '/setup',
    component: () => import('./SetupPage.vue'),
    meta: { title: 'auth.setup.title', door: 'public', bare: true },
  },
  {
    path: '/sign-in',
    component: () => import('./SignInPage.vue'),
    meta: { title: 'auth.sign_in', door: 'public', bare: true },
  },
  {
    path: '/sign-in/oidc',
    component: () => import('./OidcPage.vue'),
    meta: { title: 'auth.sign_in', door: 'public', bare: true },
  },
  {
    path: '/invitation',
    component: () => import('./InvitationPage.vue'),
    meta: { title: 'auth.invitation.title', door: 'public', bare: true },
  },
  {
    path: '/enrol',
    component: () => import('./EnrolPage.vue'),
    meta: { title: 'auth.enrol.title', door: 'first_factor', bare: true },
  },
  {
    path: '/frozen',
    component: () => import('./FrozenPage.vue'),
    meta: { title: 'auth.frozen.title', door: 'public', bare: true },
  },
]
