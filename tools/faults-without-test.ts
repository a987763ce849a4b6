const NO_EXPORT = "there is no export yet";
const NO_RECEIVER = "there is no receiver of callbacks yet";
const NO_SERVER = "there is no server yet";
const NO_BACKUP = "comes with the backup commands";

/** Cases of the fault matrix that no test names, and why. */
export const WITHOUT_TEST: Record<string, string> = {
  A4: NO_BACKUP,
  A5: NO_EXPORT,
  A6: NO_RECEIVER,
  C43: "a file system of the network cannot be made here; `doctor` tells its kind",
  ...Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`H${100 + n}`, NO_RECEIVER])),
  ...Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`I${111 + n}`, NO_SERVER])),
  ...Object.fromEntries([143, 144, 145, 146, 147, 148, 149, 150].map((n) => [`M${n}`, NO_BACKUP])),
  N154: "needs the network of the registry: `npm audit --omit=dev && npm audit signatures` before a release",
};
