import type { Alert } from '@custodia/contracts'
import type { Account } from '../identity/account.js'
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

/** who did it, as it is told in both languages */
export interface Hands {
  /** account of a person of the house, where we know who it was */
  id?: string
  en: string
  zh: string
}
type Somebody = Pick<Account, 'id' | 'displayName'>
type Whom = Pick<Account, 'id' | 'displayName' | 'role' | 'demo'>

const named = {
  admin: { en: 'administrator', zh: '管理员' },
  analyst: { en: 'analyst', zh: '分析员' },
  manager: { en: 'manager', zh: '经理' },
}
const roleOf = ({ role }: Whom): { en: string; zh: string } => named[role as keyof typeof named]

/** Somebody of the desk or an administrator is taken out: by whom everybody hears, for they could have said no to something. */
export const takenOutAlert = (account: Whom, by: Hands): Alert => {
  const { id, displayName: name, demo } = account
  const at = new Date()
  const as = roleOf(account)
  return systemAlert({
    rule: 'power-change',
    title: 'An administrator or analyst was taken out',
    text: {
      en: `${by.en} has closed the account of ${name}, or given it another role: until now ${as.en}. If nobody knows why, ask both.`,
      zh: `${by.zh} 已停用 ${name} 的账号或更改其角色（此前为${as.zh}）。如不知原因，请向双方核实。`,
    },
    eventId: `${id} taken out ${at.toISOString()}`,
    actor: id,
    at,
    demo: demo || undefined,
  })
}

/** Groups behind the door of another system. */
export const groupsOf = (door: string): Hands => ({
  en: `a group behind the door ${door}`,
  zh: `外部目录（${door}）中的用户组`,
})

/** A person is called the same in both languages. */
export const handsOf = ({ id, displayName: name }: Somebody): Hands => ({
  id,
  en: name,
  zh: name,
})

/** The personnel system: by which token, and whose that is, who answers for it. */
export const tokenHands = ({ id, displayName: name }: Somebody, token: string): Hands => ({
  id,
  en: `the personnel system, with the API token “${token}” of ${name}`,
  zh: `人事系统（${name} 的 API 令牌“${token}”）`,
})

/** A file of people on somebody's page; at the server the name is what was typed there. */
export const fileHands = ({ id, displayName: name }: Somebody, inPerson: boolean): Hands =>
  inPerson
    ? { id, en: `${name}, by a file of people`, zh: `${name}（人员文件）` }
    : { en: `a file of people at the server, in the name of ${name}`, zh: `服务器上以 ${name} 名义导入的人员文件` }

export const directoryHands: Hands = { en: 'the directory', zh: '目录服务' }

/** What still can be done about it, where there is time; `from` in the clock of the house. */
const meanwhile = (from: string | undefined) =>
  from
    ? {
        en: ` Until ${from} they decide nothing that takes a second person, unless another administrator confirms them; another can also take it back.`,
        zh: ` 在 ${from} 之前，此人不能作为第二人作出决定，除非另一位管理员确认；其他管理员也可收回。`,
      }
    : { en: '', zh: '' }

/** One person alone has made somebody who approves what others ask for: it may be themself under another name, so everybody on duty hears of it. */
export const newJudgeAlert = (account: Whom, by: Hands, from?: string): Alert => {
  const { id, displayName: name, demo } = account
  const at = new Date()
  const as = roleOf(account)
  const [when, since] = from ? [`from ${from} on`, `自 ${from} 起`] : ['from now on', '自此']
  const until = meanwhile(from)
  return systemAlert({
    rule: 'power-change',
    title: 'Somebody was made to approve what others ask for',
    text: {
      en: `${name} may approve what others ask for ${when}, as ${as.en}: made so by ${by.en}.${until.en} If nobody knows this person, ask who did it.`,
      zh: `${name} ${since}可作为${as.zh}审批他人的申请（操作来源：${by.zh}）。${until.zh}如无人认识此人，请向操作者核实。`,
    },
    eventId: `${id} approves ${at.toISOString()}`,
    actor: id,
    at,
    demo: demo || undefined,
    severity: 'high',
  })
}

/** The operator's groups say so, and no second administrator: everybody hears of it. */
export const newAdministratorAlert = ({ id, displayName: name, demo }: Whom, by: Hands, from?: string): Alert => {
  const at = new Date()
  const until = meanwhile(from)
  return systemAlert({
    rule: 'power-change',
    title: 'Somebody became administrator by a group',
    text: {
      en: `${name} is administrator now, because ${by.en} says so. Find out at once whether it should.${until.en}`,
      zh: `${name} 因${by.zh}成为管理员。请立即核实。${until.zh}`,
    },
    eventId: `${id} administrator ${at.toISOString()}`,
    actor: id,
    at,
    demo: demo || undefined,
  })
}
