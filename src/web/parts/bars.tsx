import { useState } from "preact/hooks";

type Bar = { label: string; value: number };

/** A plot of bars on a baseline; the title says what is to be seen. The same numbers are there as a table. */
export function Bars({
  title,
  measure,
  bars,
  isWide = false,
}: {
  title: string;
  measure: string;
  bars: Bar[];
  isWide?: boolean;
}) {
  const [isTable, setTable] = useState(false);
  const most = Math.max(...bars.map(({ value }) => value), 1);
  return (
    <figure class={`plot ${isWide ? "wide" : ""}`}>
      <figcaption>
        <b>{title}</b>
        <span class="q">{measure}</span>
        <button type="button" class="btn plain" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? "Plot" : "Table"}
        </button>
      </figcaption>
      {isTable ? (
        <table class="tbl">
          <tbody>
            {bars.map(({ label, value }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td class="r num">{value.toLocaleString("en")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : isWide ? (
        <ul class="hbars">
          {bars.slice(0, 12).map(({ label, value }) => (
            <li key={label}>
              <span class="trunc">{label}</span>
              <span class="hb">
                <i ref={(element) => element?.style.setProperty("width", `${(value / most) * 100}%`)} />
              </span>
              <span class="num">{value.toLocaleString("en")}</span>
            </li>
          ))}
        </ul>
      ) : (
        <div class="vbars" role="img" aria-label={`${title}. ${measure}.`}>
          {bars.map(({ label, value }) => (
            <span key={label} title={`${label}: ${value.toLocaleString("en")}`}>
              <i ref={(element) => element?.style.setProperty("height", `${(value / most) * 100}%`)} />
            </span>
          ))}
          <b>{bars[0]?.label}</b>
          <b class="end">{bars.at(-1)?.label}</b>
        </div>
      )}
    </figure>
  );
}
