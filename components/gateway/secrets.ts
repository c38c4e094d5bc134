/** Keys of clients, as the control plane tells them: never what they are. */

/** Stands in the place of a key that is there already and stays. */
export const KEPT = '(kept)'
export const SECRET_MIN = 16
