export interface Image {
  id: string;
  name: string;
  status: string;
}

/** Glance. */
export interface ImageController {
  images(filter?: { name?: string }, signal?: AbortSignal): Promise<Image[]>;
  /** Creates the image and uploads its data. */
  createImage(
    request: { name: string; diskFormat: string; data: Uint8Array; public?: boolean },
    signal?: AbortSignal,
  ): Promise<Image>;
  deleteImage(id: string, signal?: AbortSignal): Promise<void>;
}
