/**
 * The frame with the report, which is as tall as the report is. The report is a page of its own: in a frame it has its own anchors, runs no script
 * (the sandbox does not allow any), and is held to the page's policy besides its own.
 */
export class ReportFrame {
  readonly #frame: HTMLIFrameElement;
  readonly #fit = new ResizeObserver(() => this.#grow());
  #url: string | undefined;

  constructor(frame: HTMLIFrameElement) {
    this.#frame = frame;
    frame.addEventListener('load', () => {
      const page = this.#page();
      this.#fit.disconnect();
      if (page === null) return;
      this.#fit.observe(page);
      this.#grow();
    });
  }

  show(html: string): void {
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
    this.#frame.src = this.#url;
  }

  /** null where the browser does not let the page look into it: then the frame scrolls. */
  #page(): HTMLElement | null {
    return this.#frame.contentDocument?.querySelector('main') ?? null;
  }

  #grow(): void {
    const page = this.#page();
    if (page !== null) this.#frame.style.height = `${Math.ceil(page.getBoundingClientRect().height) + 4}px`;
  }
}
