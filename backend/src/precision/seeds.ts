/**
 * Rules are tuned on one set of months and judged on another that nobody looked at while tuning: change a number of a rule with
 * `npm run bench:precision -- --seeds tuning`, and only then run the bench as it is. What a judging seed has shown is known from
 * then on: where rules are changed for it, it goes to the tuning ones and another takes its place.
 */
export const seeds = {
  tuning: [11, 12, 7001, 9103],
  judging: [20261, 51515],
} as const
