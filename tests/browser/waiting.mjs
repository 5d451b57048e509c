// Waiting for facts, each with a deadline.
import { setTimeout as pause } from "node:timers/promises";

// Milliseconds that a fact may take.
export const PATIENCE = 15_000;

// Waits until `look` returns something true, and returns that.
export const eventually = async (what, look) => {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const seen = await look();
    if (seen) return seen;
    await pause(50);
  }
  throw new Error(`not within ${PATIENCE / 1000} s: ${what}`);
};
