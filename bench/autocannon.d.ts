declare module "autocannon" {
  type Request = { method: string; path: string; headers: Record<string, string>; body?: string };
  type Options = { url: string; connections: number; duration: number; requests: Request[] };
  type Result = { requests: { total: number }; duration: number; non2xx: number; errors: number };
  export default function autocannon(options: Options): Promise<Result>;
}
