const NO_RECEIVER = "there is no receiver of callbacks yet";
const NO_SERVER = "there is no server yet";

/** Cases of the fault matrix that no test names, and why. A test fails when one of them has got its test. */
export const WITHOUT_TEST: Record<string, string> = {
  A6: NO_RECEIVER,
  ...Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`H${100 + n}`, NO_RECEIVER])),
  ...Object.fromEntries([112, 114, 115, 116, 117].map((number) => [`I${number}`, NO_SERVER])),
  N154: "needs the network of the registry: `npm audit --omit=dev && npm audit signatures` before a release",
};
