import { useState } from "preact/hooks";
import { needsLogin } from "../state/api.ts";

/** Asks for a key, which the service answers with a cookie. */
export function Login() {
  const [problem, setProblem] = useState("");
  const login = async (event: SubmitEvent) => {
    event.preventDefault();
    const key = new FormData(event.currentTarget as HTMLFormElement).get("key");
    const response = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key }),
    }).catch(() => undefined);
    if (response?.ok) {
      needsLogin.value = false;
      location.reload();
    } else
      setProblem(
        response?.status === 429
          ? "Too many wrong keys. Wait a minute."
          : response
            ? "This key is not known."
            : "The service cannot be reached.",
      );
  };
  return (
    <main class="login">
      <form onSubmit={(event) => void login(event)}>
        <h1>producer-mirror</h1>
        <label>
          Key
          <input name="key" type="password" autocomplete="current-password" required autofocus />
        </label>
        <p class="bad" role="alert">
          {problem}
        </p>
        <button type="submit" class="btn pri">
          Come in
        </button>
        <p class="q">
          <code>producer-mirror key add browser</code> on the machine of the archive makes a key.
        </p>
      </form>
    </main>
  );
}
