/** How much is taken of what a registry sends, and how long it is waited for. Everything in an image is somebody else's. */
export interface ImageLimits {
  /** Of an index or a manifest. */
  readonly manifestBytes: number;
  /** Of one layer, as it is sent. */
  readonly blobBytes: number;
  /** Of all layers of an image that are looked at, once they are unpacked. */
  readonly unpackedBytes: number;
  /** Of the program. */
  readonly programBytes: number;
  /** Of the names in all layers of an image that are looked at, in characters. */
  readonly nameCharacters: number;
  /** How long a server may take to be connected to, and stay silent. */
  readonly connectMs: number;
  readonly silenceMs: number;
  /** How long an index, a manifest or a token may take, and a layer. */
  readonly manifestMs: number;
  readonly blobMs: number;
  /** What has to come of a layer in each stretch of time. */
  readonly leastBytes: number;
  readonly leastBytesMs: number;
  /** How often in a row something is asked for again that did not come, or of which nothing more came. */
  readonly retries: number;
  /** The wait before the first of these; it doubles with each. */
  readonly backoffMs: number;
  /** The longest wait that a server may ask for. */
  readonly longestWaitMs: number;
}

const MIB = 1024 * 1024;

/** No program of the catalog comes near: the largest, of Kubernetes, has 90 MB, and 30 MB as it is sent. */
export const IMAGE_LIMITS: ImageLimits = {
  manifestBytes: 4 * MIB,
  blobBytes: 512 * MIB,
  unpackedBytes: 2048 * MIB,
  programBytes: 512 * MIB,
  nameCharacters: 64 * MIB,
  connectMs: 10_000,
  silenceMs: 30_000,
  manifestMs: 60_000,
  blobMs: 60 * 60_000,
  leastBytes: 64 * 1024,
  leastBytesMs: 60_000,
  retries: 4,
  backoffMs: 500,
  longestWaitMs: 120_000,
};
