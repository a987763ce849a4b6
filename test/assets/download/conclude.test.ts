import { describe, expect, test } from "vitest";
import { conclude } from "../../../src/assets/download/conclude.ts";

const xml = (code: string, message = "") =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const page = (title: string) => `<!DOCTYPE html><html><head><title>${title}</title></head></html>`;
const ALL = [400, 401, 403, 404, 405, 406, 409, 410, 412, 416, 422, 451, 501, 304];

describe("what a refusal of the whole file is about", () => {
  test.each([
    [404, {}, "", "file", "miss"],
    [403, {}, "", "file", "miss"],
    [410, {}, page("Gone"), "file", "miss"],
    [403, {}, xml("AccessDenied", "Request has expired"), "file", "miss"],
    [404, { server: "cloudflare" }, page("Not found | Cloudflare R2"), "file", "miss"],
    [400, {}, xml("ExpiredToken"), "address", "address"],
    [400, {}, xml("RequestExpired"), "address", "address"],
    [400, {}, xml("SignatureDoesNotMatch"), "address", "address"],
    [400, {}, xml("InvalidToken", "The provided token is malformed"), "address", "address"],
    [400, {}, '{"message":"This link has expired"}', "address", "address"],
    [400, { "x-ms-error-code": "AuthenticationFailed" }, "", "address", "address"],
    [401, {}, "", "address", "address"],
    [422, {}, "the signature is no longer valid", "address", "address"],
    [400, {}, "Bad Request", "request", "never"],
    [405, {}, "", "request", "never"],
    [451, {}, "", "request", "never"],
    [500, {}, "", "request", "retry"],
    [502, {}, "unexpected token", "request", "retry"],
    [408, {}, "", "request", "retry"],
    [425, {}, "", "request", "retry"],
    [204, {}, "", "request", "retry"],
    [429, {}, "", "host", "pause"],
    [503, { "retry-after": "9" }, "", "host", "pause"],
    [503, {}, "", "request", "retry"],
    [403, {}, page("Just a moment..."), "front", "never"],
    [403, {}, page("Attention Required! | Cloudflare"), "front", "never"],
    [403, {}, "error code: 1020", "front", "never"],
    [403, { "cf-mitigated": "challenge" }, "", "front", "never"],
    [403, {}, page("FortiGuard web filter"), "front", "never"],
    [407, {}, "", "front", "never"],
    [511, {}, "", "front", "never"],
    [521, { server: "cloudflare" }, "", "front", "retry"],
  ] as const)("%i %o %s: the %s, %s", (status, headers, head, about, followUp) => {
    expect(conclude(status, headers, head, "whole")).toMatchObject({ about, followUp });
  });
});

describe("a refusal of a part", () => {
  test.each(ALL)("%i says nothing about the file", (status) => {
    for (const head of ["", xml("AccessDenied"), xml("NoSuchKey"), page("Attention Required! | Cloudflare")])
      expect(conclude(status, {}, head, "part")).toEqual({ about: "range" });
  });

  test.each([
    [429, {}, "pause"],
    [503, { "retry-after": "1" }, "pause"],
    [500, {}, "retry"],
    [502, {}, "retry"],
  ] as const)("%i is that of any request", (status, headers, followUp) => {
    expect(conclude(status, headers, "", "part")).toMatchObject({ followUp });
  });
});
