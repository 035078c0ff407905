// Results of integers as BigInt.

import { bytesToHex } from "@noble/hashes/utils.js";

import type { Content } from "./content.ts";
import { ResultFormat } from "./gen/abacus/v1/job_pb.ts";

/**
 * The integer that a content in this format writes.
 * @throws Error when the format is not one of integers
 */
export function integer(content: Content, format: ResultFormat): bigint {
  switch (format) {
    case ResultFormat.DECIMAL:
      return BigInt(content.text());
    case ResultFormat.HEX:
      return hexadecimal(content.text());
    case ResultFormat.BINARY:
      return twosComplement(content.slice());
    default:
      throw new Error(`a result in the format ${ResultFormat[format]} is no integer`);
  }
}

/** `BigInt` takes no sign in front of hexadecimal digits. */
function hexadecimal(text: string): bigint {
  return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

/** Big-endian. No bytes are 0. */
function twosComplement(bytes: Uint8Array): bigint {
  const magnitude = BigInt(`0x${bytesToHex(bytes) || "0"}`);
  const negative = (bytes[0] ?? 0) >= 0x80;
  return negative ? magnitude - (1n << BigInt(bytes.length * 8)) : magnitude;
}
