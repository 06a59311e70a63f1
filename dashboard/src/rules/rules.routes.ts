import type { RouteRecordRaw } from 'vue-router'

export const ruleRoutes: RouteRecordRaw[] = [
  {
    path: '/rules',
    component: () => import('./RulesPage.vue'),
    meta: { title: 'rules.title', needs: 'rule.read', nav: 50, key: 'r', desk: true },
  },
  {
    path: '/rules/:id',
    component: () => import('./RuleOpened.vue'),
    props: true,
    meta: { title: 'rules.rule', needs: 'rule.read', desk: true, stays: true },
  },
]
