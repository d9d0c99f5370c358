/** A refusal as Congress' API words it: `{"error": {"message", "error_code", "error_data"}}`. */
export class CongressError extends Error {
  override readonly name = 'CongressError';
  /**
   * @param status of HTTP
   * @param code often the same, else one of Congress' own from 1000 on
   */
  constructor(
    readonly status: number,
    message: string,
    readonly code: number = status,
    readonly data: unknown = null,
  ) {
    super(message);
  }
}

export const internal = () => new CongressError(500, 'Internal server error');
export const notSupported = () => new CongressError(501, 'Method not supported');
export const noResource = () => new CongressError(404, 'The resource could not be found.');
