import type { CloudSession, Image, ImageController } from '@nfv-doctor/core/plugin-api';
import { ignoreMissing, segment, withSignal } from './request.js';

interface GlanceImage {
  id: string;
  name: string | null;
  status: string;
}

const IMAGES = '/v2/images';
const imageUrl = (id: string) => `${IMAGES}/${segment(id)}`;

const toImage = ({ id, name, status }: GlanceImage): Image => ({ id, name: name ?? '', status });

/** See {@link ImageController}. */
export class GlanceController implements ImageController {
  constructor(private readonly cloud: CloudSession) {}

  async images(filter: { name?: string } = {}, signal?: AbortSignal): Promise<Image[]> {
    const images: Image[] = [];
    let marker: string | undefined;
    for (;;) {
      const { body } = await this.cloud.request<{ images?: GlanceImage[]; next?: string }>('image', {
        method: 'GET',
        path: IMAGES,
        query: { name: filter.name, limit: 1_000, marker },
        ...withSignal(signal),
      });
      const page = body?.images ?? [];
      images.push(...page.map(toImage));
      const last = page.at(-1)?.id;
      if (!body?.next || last === undefined || last === marker) return images;
      marker = last;
    }
  }

  async createImage(
    request: { name: string; diskFormat: string; data: Uint8Array; public?: boolean },
    signal?: AbortSignal,
  ): Promise<Image> {
    const { body } = await this.cloud.request<GlanceImage>('image', {
      method: 'POST',
      path: IMAGES,
      json: {
        name: request.name,
        disk_format: request.diskFormat,
        container_format: 'bare',
        visibility: request.public ? 'public' : 'private',
      },
      ...withSignal(signal),
    });
    try {
      await this.cloud.request('image', {
        method: 'PUT',
        path: `${imageUrl(body.id)}/file`,
        body: request.data,
        headers: { 'content-type': 'application/octet-stream' },
        // an image that has its data refuses to get it again
        idempotent: false,
        ...withSignal(signal),
      });
      return await this.#image(body.id, signal);
    } catch (error) {
      // an image without data is of no use; the first failure is what the caller must hear of
      await this.deleteImage(body.id).catch(() => {});
      throw error;
    }
  }

  async #image(id: string, signal: AbortSignal | undefined): Promise<Image> {
    const path = imageUrl(id);
    const { body } = await this.cloud.request<GlanceImage>('image', {
      method: 'GET',
      path,
      ...withSignal(signal),
    });
    return toImage(body);
  }

  deleteImage(id: string, signal?: AbortSignal): Promise<void> {
    return ignoreMissing(
      this.cloud.request('image', { method: 'DELETE', path: imageUrl(id), ...withSignal(signal) }),
    );
  }
}
