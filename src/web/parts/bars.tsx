import { useState } from "preact/hooks";

type Bar = { label: string; value: number };

/** A plot of bars on a baseline; the title says what is to be seen. The same numbers are there as a table. */
export function Bars({
  title,
  measure,
  bars,
  isWide = false,
  show = (value) => Math.round(value).toLocaleString("en"),
}: {
  title: string;
  measure: string;
  bars: Bar[];
  isWide?: boolean;
  /** A value in words. */
  show?: (value: number) => string;
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
        <div class="table" tabIndex={0} role="group" aria-label={title}>
          <table class="tbl">
            <tbody>
              {bars.map(({ label, value }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td class="r num">{show(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : isWide ? (
        <ul class="hbars">
          {bars.slice(0, 12).map(({ label, value }) => (
            <li key={label}>
              <span class="trunc">{label}</span>
              <span class="hb">
                <i ref={(element) => element?.style.setProperty("width", `${(value / most) * 100}%`)} />
              </span>
              <span class="num">{show(value)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <div class="vplot">
          <span class="axis num" aria-hidden="true">
            <span>{show(most)}</span>
            <span>{show(most / 2)}</span>
            <span>0</span>
          </span>
          <div class="vbars" role="img" aria-label={`${title}. ${measure}.`}>
            {bars.map(({ label, value }) => (
              <span key={label} title={`${label}: ${show(value)}`}>
                <i ref={(element) => element?.style.setProperty("height", `${(value / most) * 100}%`)} />
              </span>
            ))}
            <b>{bars[0]?.label}</b>
            {bars.length > 8 && <b class="middle">{bars[Math.floor(bars.length / 2)]?.label}</b>}
            {bars.length > 1 && <b class="end">{bars.at(-1)?.label}</b>}
          </div>
        </div>
      )}
    </figure>
  );
}
