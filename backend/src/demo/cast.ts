import type { Role } from '@custodia/contracts'

/** Someone of the demo company. */
export interface CastMember {
  username: string
  displayName: string
  role: Role
  team: string
  branch: string
}

const branches = ['shanghai', 'beijing', 'shenzhen'] as const
const teams = ['service', 'finance', 'sales'] as const
const staffNames = [
  ['zhao.lei', '赵磊'], ['qian.min', '钱敏'], ['sun.yue', '孙悦'],
  ['li.qiang', '李强'], ['zhou.ting', '周婷'], ['wu.hao', '吴昊'],
  ['zheng.xin', '郑欣'], ['feng.jie', '冯洁'], ['chen.bo', '陈波'],
] as const // prettier-ignore

/** The one who is tempted. His own customers are more than the limit of the bulk rule. */
export const insider: CastMember = {
  username: 'wang.wei',
  displayName: '王伟',
  role: 'staff',
  team: 'sales',
  branch: 'shanghai',
}

/** Staff who do an honest day's work. */
export const honestStaff: CastMember[] = staffNames.map(([username, displayName], at) => ({
  username,
  displayName,
  role: 'staff',
  team: teams[at % 3]!,
  branch: branches[Math.floor(at / 3)]!,
}))

/** Everybody, one at least for each role. */
export const cast: CastMember[] = [
  { username: 'admin', displayName: '林管理', role: 'admin', team: 'platform', branch: '' },
  { username: 'li.na', displayName: '李娜', role: 'analyst', team: 'security', branch: '' },
  { username: 'he.an', displayName: '何安', role: 'analyst', team: 'security', branch: '' },
  { username: 'xu.audit', displayName: '徐审', role: 'auditor', team: 'audit', branch: '' },
  { username: 'ma.jun', displayName: '马俊', role: 'manager', team: 'service', branch: 'shanghai' },
  { username: 'gao.fei', displayName: '高飞', role: 'manager', team: 'service', branch: 'beijing' },
  { username: 'tang.li', displayName: '唐丽', role: 'manager', team: 'service', branch: 'shenzhen' },
  ...honestStaff,
  insider,
]
