/** Path, headers and body of a request, exactly as the API's page shows them. */
export type TaskRequest = { path: "/producer/tasks"; headers: Record<string, string>; body: string };

/** One id is fetched with `retrieve`, several with `retrieve_batch`. Without `limit` the API returns 12 at most. */
export function tasksRequest(ids: string[], token: string, userAgent: string): TaskRequest {
  const [id] = ids;
  const body = ids.length === 1 ? { id, action: "retrieve" } : { ids, action: "retrieve_batch", limit: ids.length };
  return request(body, token, userAgent);
}

/** The undocumented filters of `retrieve_batch`, which only `discover` uses. Times are float seconds, inclusive. */
export type ListingFilter = {
  user_id: string;
  type: string;
  limit: number;
  offset?: number;
  created_at_min?: number;
  created_at_max?: number;
};

export function listingRequest(filter: ListingFilter, token: string, userAgent: string): TaskRequest {
  return request({ action: "retrieve_batch", ...filter }, token, userAgent);
}

function request(body: object, token: string, userAgent: string): TaskRequest {
  return {
    path: "/producer/tasks",
    headers: {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": userAgent,
    },
    body: JSON.stringify(body),
  };
}
