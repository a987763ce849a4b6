/** A gauge; its name gets the program's in front. */
export type Metric = { name: string; help: string; values: [value: number, labels?: Record<string, string>][] };

/** The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function metricsText(metrics: Metric[]): string {
  return metrics.map(oneMetric).join("");
}

function oneMetric({ name, help, values }: Metric): string {
  if (values.length === 0) return "";
  const full = `producer_mirror_${name}`;
  const lines = values.map(([value, labels = {}]) => `${full}${labelText(labels)} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join("")}`;
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, "_")}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
