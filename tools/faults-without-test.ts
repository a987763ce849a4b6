/** Cases of the fault matrix that no test names, and why. A test fails when one of them has got its test. */
export const WITHOUT_TEST: Record<string, string> = {
  N154: "needs the network of the registry: `npm audit --omit=dev && npm audit signatures` before a release",
};
