import type { Config } from '../../config.js'
import { ok, type Check, warn } from './finding.js'

/** Whether one administrator can make the second person whom a decision needs, and decide through them at once. */
export const secondPersons = ({ deciderWaitHours: hours }: Pick<Config, 'deciderWaitHours'>): Check => ({
  name: 'second persons',
  otherwise: 'see CUSTODIA_DECIDER_WAIT_HOURS',
  run: () =>
    Promise.resolve([
      hours
        ? ok(
            `rights that one person alone gave count after ${hours} hours, or once another administrator confirms them`,
          )
        : warn(
            'rights that one person alone gave count at once: one administrator can make somebody and approve through them',
            'set CUSTODIA_DECIDER_WAIT_HOURS to hours in which somebody looks, such as 24',
          ),
    ]),
})
