import type { power as en } from '../en/power.js'
import type { Translated } from '../translated.js'

export const power: Translated<typeof en> = {
  title: '等待第二位管理员确认',
  text: '扩大任何人的权力须由两位管理员共同完成。已通知所有值班人员。',
  policy: '放宽权限策略',
  administrator: '{name} 成为管理员',
  opens: '放宽内容：{list}',
  larger_export: '更大的导出',
  preset: '预设：{name}',
  exports: '{n} 位客户以内的导出无需审批',
  conditions: '无条件 | 1 个条件 | {n} 个条件',
  by: '由 {name} 提议',
  waits: '须由另一位管理员确认',
  due: '没有其他人可以确认，自动生效时间：',
  confirm: '确认',
  confirm_title: '确认 {name} 的提议',
  confirm_text: '立即生效。仅在 {name} 本人当面告知您后确认。',
  confirmed: '已确认，现已生效。',
  stop: '阻止',
  stop_title: '阻止此更改',
  stop_text: '不会有任何变化。理由将记录在案。',
  stop_example: '例如：管理层无人知情',
  stopped: '已阻止，未作任何更改。',
  raise: '设为管理员…',
  raise_title: '将 {name} 设为管理员',
  raise_text:
    '须由另一位管理员确认。如没有其他可登录的管理员，等待时间过后自动生效；所有值班人员现在即会得到通知，并可阻止。',
  raise_example: '例如：接替周某，3 月 3 日决定',
  raise_submit: '提议',
  proposed: '已提议，等待另一位管理员确认。',
  proposed_alone: '已提议。没有其他人可以确认，等待时间过后自动生效。',
}
