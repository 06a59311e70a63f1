import type { drills as en } from '../en/drills.js'
import type { Translated } from '../translated.js'

export const drills: Translated<typeof en> = {
  title: '演练',
  text: '虚构的内部人员从正门登录，逐个打开虚构客户的照片，直到被拦下。处处标明为演练，不计入任何统计；时间从触发规则的那次访问算起。',
  start: '开始演练',
  running: '演练进行中，结果会自动显示在这里。',
  none: '还没有演练',
  none_text: '开始一次演练，看看内部人员多快会被发现、拦住、冻结并通知。',
  when: '时间',
  by: '发起人',
  command_line: '命令行',
  outcome: '被何规则拦下',
  served: '拿到的照片',
  detected: '发现',
  held: '拦住',
  frozen: '冻结',
  notified: '通知',
  ms: '{ms} 毫秒',
  never: '从未',
  nobody: '无人接收通知',
  unnoticed: '无人发现',
  state: { asked: '即将开始', running: '进行中', done: '完成', failed: '未能完成' },
}
