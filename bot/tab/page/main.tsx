import './no-eval.ts';
import { createDOMRenderer, RendererProvider } from '@griffel/react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { takeFromAddress } from './linked-exam.ts';
import './style.css';

takeFromAddress();

/** Style sheets that are made while it runs carry the nonce of the page's policy. */
const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <RendererProvider renderer={renderer} targetDocument={document}>
      <App />
    </RendererProvider>,
  );
}
