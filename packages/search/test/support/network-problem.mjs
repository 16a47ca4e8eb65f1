// The problem of networks, with a sign of life in the file SP_SIGNS at every rung.
import { appendFileSync } from 'node:fs';
import { networkProblem } from '@sp/search/network';

const sign = () => process.env.SP_SIGNS && appendFileSync(process.env.SP_SIGNS, '.');

export default async function problem(settings, space) {
  const made = await networkProblem(settings, space);
  return {
    ...made,
    run(task, context) {
      sign();
      const rung = (epochs, metrics) => {
        sign();
        return context.rung(epochs, metrics);
      };
      return made.run(task, { ...context, rung });
    },
  };
}
