import type { Alert } from '@custodia/contracts'
import type { Account } from '../identity/account.js'
import { presets } from '../gateway/policy-table.js'
import { localTime } from '../notices/words.js'
import { systemAlert } from '../response/system-alert.js'

interface Told {
  id: string
  kind: 'policy' | 'administrator'
  /** who proposed it */
  by: string
  askedBy: string
  /** whose role it is */
  name: string
  dueAt: Date | null
}

const titles = {
  asked: 'A change of power is proposed',
  done: 'A change of power is in force',
}

/** What everybody on duty is told when power is to change, and when it has. */
export const powerAlert = (step: keyof typeof titles, told: Told, timeZone: string): Alert => {
  const { id, by, name, kind, dueAt, askedBy: actor } = told
  const what =
    kind === 'policy'
      ? { en: 'a policy that opens more than the one in force', zh: '放宽现行策略' }
      : { en: `that ${name} becomes administrator`, zh: `将 ${name} 设为管理员` }
  const end = dueAt && localTime(dueAt.toISOString(), timeZone)
  const next = end
    ? {
        en: `Nobody else could confirm it: it takes effect by itself at ${end}, unless somebody stops it.`,
        zh: `目前没有其他管理员可以确认：如无人阻止，将于 ${end} 自动生效。`,
      }
    : { en: 'Another administrator must confirm it.', zh: '须由另一位管理员确认。' }
  const text =
    step === 'asked'
      ? { en: `${by} proposes ${what.en}. ${next.en}`, zh: `${by} 提议${what.zh}。${next.zh}` }
      : { en: `In force: ${by} proposed ${what.en}.`, zh: `已生效：${by} 提议${what.zh}。` }
  return systemAlert({
    rule: 'power-change',
    title: titles[step],
    text,
    eventId: `${id} ${step}`,
    actor,
    at: new Date(),
  })
}

type Duty = Pick<Account, 'role' | 'status'>

/** Who may say no to a change of power. */
const isOnDuty = ({ role, status }: Duty): boolean => status === 'active' && (role === 'admin' || role === 'analyst')

export const goesOffDuty = (before: Duty, after: Duty): boolean => isOnDuty(before) && !isOnDuty(after)

/** Somebody of the desk or an administrator is taken out: by whom everybody hears, for they could have said no to something. */
export const takenOutAlert = (account: Pick<Account, 'id' | 'displayName' | 'role' | 'demo'>, by: string) => {
  const { id, displayName: name, role, demo } = account
  const at = new Date()
  const as = role === 'admin' ? { en: 'administrator', zh: '管理员' } : { en: 'analyst', zh: '分析员' }
  return systemAlert({
    rule: 'power-change',
    title: 'An administrator or analyst was taken out',
    text: {
      en: `${by} has closed the account of ${name}, or given it another role: until now ${as.en}. If nobody knows why, ask both.`,
      zh: `${by} 已停用 ${name} 的账号或更改其角色（此前为${as.zh}）。如不知原因，请向双方核实。`,
    },
    eventId: `${id} taken out ${at.toISOString()}`,
    actor: id,
    at,
    demo: demo || undefined,
  })
}

const judging = ['approval.decide', 'approval.review', 'rule.approve', 'person.lift'] as const
type Rights = Pick<Account, 'role' | 'status' | 'branch'>

/** May say yes to what others ask for. Administrators are made by two, and told of as a change of power. */
const isJudge = ({ role, status }: Rights): boolean =>
  status === 'active' && role !== 'admin' && judging.some((permission) => presets.separation.rows[permission][role])

/** Whether somebody becomes one who approves, or does so in another role or branch than before. */
export const becomesJudge = (before: Rights | undefined, after: Rights): boolean =>
  isJudge(after) && !(before && isJudge(before) && before.role === after.role && before.branch === after.branch)

export const outsideHands = { en: 'the personnel system or a file', zh: '人事系统或文件' }

/** One administrator alone has made somebody who approves what others ask for: it may be themself under another name, so everybody on duty hears of it. */
export const newJudgeAlert = (
  { id, displayName: name, role, demo }: Pick<Account, 'id' | 'displayName' | 'role' | 'demo'>,
  by: { en: string; zh: string },
) => {
  const at = new Date()
  const as = role === 'manager' ? { en: 'manager', zh: '经理' } : { en: 'analyst', zh: '分析员' }
  return systemAlert({
    rule: 'power-change',
    title: 'Somebody was made to approve what others ask for',
    text: {
      en: `${name} may approve what others ask for from now on, as ${as.en}: made so by ${by.en}. If nobody knows this person, ask who did it.`,
      zh: `${name} 自此可作为${as.zh}审批他人的申请（操作来源：${by.zh}）。如无人认识此人，请向操作者核实。`,
    },
    eventId: `${id} approves ${at.toISOString()}`,
    actor: id,
    at,
    demo: demo || undefined,
    severity: 'high',
  })
}

/** The operator's groups say so, and no second administrator: everybody hears of it. */
export const newAdministratorAlert = (account: { id: string; displayName: string; demo: boolean }, door: string) =>
  systemAlert({
    rule: 'power-change',
    title: 'Somebody became administrator by a group',
    text: {
      en: `${account.displayName} is administrator now, because a group behind the door ${door} says so. Find out at once whether it should.`,
      zh: `${account.displayName} 因外部目录（${door}）中的用户组成为管理员。请立即核实。`,
    },
    eventId: `${account.id} ${door} ${new Date().toISOString()}`,
    actor: account.id,
    at: new Date(),
    demo: account.demo || undefined,
  })
