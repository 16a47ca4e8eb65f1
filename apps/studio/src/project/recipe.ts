/** What all networks of the studio have in common, as the command line's example has it. */

/** Weight of the dropped intensity in the loss: holds the threshold back from swallowing the signal. */
export const betaMaskedE = 1;

/** Softness of the threshold while it is learned. */
export const tauThreshold = 0.03;

/** Initial biases of convolutions: without one, a filter whose centre starts out negative is dead where hits lie far apart. */
export const convBiases = { first: 0.25, others: 0.1 } as const;
