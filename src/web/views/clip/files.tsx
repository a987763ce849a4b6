import { TIME } from "../../parts/times.ts";
import { size } from "../../state/song.ts";
import type { File } from "./shown.ts";

/** The files of a song: which are here, when each was last checked, and its digest. */
export function Files({ files, id }: { files: File[]; id: string }) {
  if (files.length === 0) return <p class="q">The record names no file.</p>;
  return (
    <div class="wrapx">
      <table class="tbl">
        <thead>
          <tr>
            <th>Kind</th>
            <th>State</th>
            <th class="r">Size</th>
            <th>Last checked</th>
            <th>Digest</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.kind}>
              <td>
                {file.state === "stored" ? (
                  <a href={`/media/${id}/${file.kind}?download`} download>
                    {file.kind}
                  </a>
                ) : (
                  file.kind
                )}
              </td>
              <td>
                <span class={`badge ${file.state === "stored" ? "ok" : file.state === "wanted" ? "" : "warn"}`}>
                  {file.state}
                </span>
                {file.lastError && <small class="q"> {file.lastError}</small>}
              </td>
              <td class="r num">{file.bytes === null ? "" : size(file.bytes)}</td>
              <td>{file.verifiedAt ? TIME.format(new Date(file.verifiedAt)) : "not yet"}</td>
              <td class="mono q">{file.sha256?.slice(0, 16)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
